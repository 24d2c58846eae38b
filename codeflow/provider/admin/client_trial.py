"""Test this client: what its request must look like, how each setting fares, and what the signed-in member of staff would be asked
and what the client would get. Nothing is sent, fetched, issued or written.

RFC 6749 4.1.1; RFC 7636 4.3; OIDC Core 2, 3.1.2.4, 5.4; RFC 9068 2.2.
"""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from codeflow.core.errors import OAuthError
from codeflow.core.findings import NOTE, OK, PROBLEM, WARNING
from codeflow.provider import claims, grants
from codeflow.provider.admin.base import ModelAdmin
from codeflow.provider.admin.client_explain import explain
from codeflow.provider.admin.client_pages import client_or_404, client_page, tab_url
from codeflow.provider.admin.client_secrets import ROTATE_SECRET
from codeflow.provider.admin.client_snippets import endpoint_or_guess
from codeflow.provider.client_findings import findings_of
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow import step2_authorization_request
from codeflow.provider.flow.messages import CheckedAuthorizationRequest
from codeflow.provider.grants import Grant
from codeflow.provider.models import Client, Consent, ServerSecret
from codeflow.provider.models.client import AccessTokenFormat, SubjectType
from codeflow.provider.sessions import SignedIn
from codeflow.provider.views import consent_page
from codeflow.provider.views.pages import page

LEVELS = {OK: _("right"), NOTE: _("note"), WARNING: _("weak"), PROBLEM: _("does not work")}

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of RFC 7636 appendix B: an example, since a challenge is made anew for each request."""

MADE_THEN = "(made when it is issued)"


def trial(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """The page; its form posts an address to be explained, in the body, so that it stands in no log."""
    client = client_or_404(model_admin, request, object_id)
    pasted = request.POST.get("text", "")
    findings = [(finding, LEVELS[finding.level]) for finding in findings_of(client)]
    context = {
        "findings": findings,
        "expected": expected_request(client),
        "authorize_url": expected_url(client),
        "preview": preview(client, request.user),
        "consent_url": reverse("admin:codeflow_provider_client_consent", args=(client.pk,)),
        "explained": explain(client, pasted, may_see_secrets=request.user.has_perm(ROTATE_SECRET)) if pasted else None,
        "trial_url": tab_url(model_admin, client, "trial"),
    }
    title = _("Test %(client)s") % {"client": client}
    return client_page(model_admin, request, client, "trial.html", tab="trial", title=title, **context)


def consent_preview(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """The consent page as this member of staff would see it; its form names no decision, so that it decides nothing."""
    client = client_or_404(model_admin, request, object_id)
    try:
        checked = checked_request(client)
    except OAuthError as error:
        title = _("Test %(client)s") % {"client": client}
        return client_page(model_admin, request, client, "no_preview.html", title=title, why=error.description)
    context = {**consent_page.context(checked, _signed_in(request.user, client)), "decision_id": "", "switch_url": ""}
    response = page(request, "consent.html", context)
    policy = response["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response["Content-Security-Policy"] = policy.replace("form-action 'self'", "form-action 'none'")
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def expected_request(client: Client) -> list[tuple[str, str]]:
    """The parameters of a request that this client may send; what is random is shown by an example."""
    pairs = [
        ("response_type", "code"),
        ("client_id", client.client_id),
        ("redirect_uri", next(iter(client.redirect_uris.split()), "")),
        ("scope", client.scope),
        ("state", "a-random-value"),
    ]
    if "openid" in client.allowed_scopes:
        pairs.append(("nonce", "another-random-value"))
    return [*pairs, ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]


def expected_url(client: Client) -> str:
    return f"{endpoint_or_guess('authorization_endpoint', 'authorize')}?{urlencode(expected_request(client))}"


def checked_request(client: Client) -> CheckedAuthorizationRequest:
    """Judged by the very checks of the authorization endpoint. Raises OAuthError where it would be refused."""
    pairs = expected_request(client)
    destination = step2_authorization_request.check_destination(pairs)
    return step2_authorization_request.check_request(destination, pairs)


def preview(client: Client, user: Any) -> dict[str, Any]:
    """What would be issued for `user`: decoded contents, no token; `refused` says why nothing would."""
    try:
        checked = checked_request(client)
        grant = _grant(client, user, checked)
        return {"refused": "", **_contents(client, grant), "refresh": grants.wants_refresh_token(grant)}
    except OAuthError as error:
        return {"refused": error.description}
    except ImproperlyConfigured as error:
        return {"refused": str(error)}


def _contents(client: Client, grant: Grant) -> dict[str, Any]:
    if client.subject_type == SubjectType.PAIRWISE and not ServerSecret.objects.exists():
        return {
            "subject_pending": True
        }  # the first sign-in makes what pairwise subjects are made with; a preview does not
    shown: dict[str, Any] = {}
    if "openid" in grant.scopes:
        id_token = grants.id_token_claims(grant, "", client.signing_algorithm) | {"at_hash": MADE_THEN}
        userinfo = {"sub": claims.subject(grant.user, client), **claims.userinfo_claims(grant.user, grant.scopes)}
        shown |= {"id_token": _json(id_token), "userinfo": _json(userinfo)}
    if client.access_token_format == AccessTokenFormat.JWT:
        content = grants.access_token_claims(grant, timezone.now() + grants.access_token_lifetime(client))
        shown["access_token"] = _json(content | {"jti": MADE_THEN})
    return shown


def _grant(client: Client, user: Any, checked: CheckedAuthorizationRequest) -> Grant:
    return Grant(
        client=client,
        user=user,
        scopes=checked.scopes,
        resource=checked.resource,
        token_family=0,
        session_id=None,
        sid=MADE_THEN,
        auth_time=timezone.now(),
        acr=next(iter(provider_settings.acr_values), ""),
        amr="pwd",
        family_expires=timezone.now() + timedelta(days=1),
        nonce=checked.nonce,
    )


def _signed_in(user: Any, client: Client) -> SignedIn:
    consent = Consent.objects.filter(user_id=user.pk, client=client).first()
    return SignedIn(
        user=user, auth_time=None, acr="", amr="", spent=False, row=None, consent=consent, client_known=False
    )


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, default=str)
