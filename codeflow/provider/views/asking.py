"""Who waits behind a sign-in page, for sites that use one of their own.

asking(request.GET.get("next", ""))  ->  Asking(client, redirect_uri, login_hint, acr_values) or None
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from django.urls import reverse

from codeflow.core.errors import OAuthError
from codeflow.provider.flow import step2_authentication, step2_authorization_request
from codeflow.provider.models import Client
from codeflow.provider.views.authorization import RESUME


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a sign-in page may want to know of the request that it serves (OIDC Core 3.1.2.1)."""

    client: Client
    redirect_uri: str
    login_hint: str = field(repr=False)
    acr_values: tuple[str, ...]
    """Wanted acr values, the best liked first; those that the `claims` parameter calls essential stand in front."""


def asking(next_url: str) -> Asking | None:
    """None where `next_url` is no authorization request of ours, or one that cannot be answered."""
    if urlsplit(next_url).path != reverse("codeflow_provider:authorization_endpoint"):
        return None
    sealed = parse_qs(urlsplit(next_url).query).get(RESUME, [""])[0]
    try:
        parameters = step2_authentication.unseal(sealed).parameters
        destination = step2_authorization_request.check_destination(parameters)
        request = step2_authorization_request.check_request(destination, parameters)
    except OAuthError:
        return None
    return Asking(
        client=destination.client,
        redirect_uri=destination.redirect_uri,
        login_hint=request.login_hint,
        acr_values=tuple(dict.fromkeys((*sorted(request.claims.essential_acrs()), *request.acr_values))),
    )
