"""One person, several ways in: link an account at a provider to the local one, and let go of it again.

OIDC Core 5.7; RFC 9700 4.7. Nothing is linked by e-mail or name: the person proves both accounts, the local one just before.
"""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.db import transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from codeflow.relying_party import signals
from codeflow.relying_party.backends import OpenIDConnectBackend
from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import ConfigurationError, NotAllowed, ReauthRequired
from codeflow.relying_party.grants import revoke
from codeflow.relying_party.models import Identity, TokenGrant
from codeflow.relying_party.sessions import ROW, oidc_session

FRESH = 300
"""Seconds since a provider authenticated the person; counts as proof where there is no local password."""


def check_password(request: HttpRequest, password: str) -> bool:
    """Whether `password` is the signed-in person's; asked of every backend, so that throttling sees it."""
    user: Any = request.user
    return bool(authenticate(request, username=user.get_username(), password=password) == user)


def require_recent_sign_in(request: HttpRequest) -> None:
    """The proof of a person without a password. Raises ReauthRequired, or NotAllowed where no provider can give it."""
    session = oidc_session(request)
    if not session:
        raise NotAllowed(
            "link.no_proof", "neither a password nor a sign-in through a provider proves the local account"
        )
    if not session.is_fresh(FRESH):
        raise ReauthRequired("link.reauthenticate", provider=session.provider, max_age=FRESH)


def unlink(request: HttpRequest, identity: Identity) -> None:
    """Ends the link, its sessions and its tokens. Raises NotAllowed where the person could not come back."""
    grants = list(identity.grants.filter(dead_reason=""))
    with transaction.atomic():
        get_user_model()._default_manager.select_for_update().get(pk=identity.user_id)  # one at a time, or both go
        if not has_another_way_in(identity):
            raise NotAllowed("account.last_way_in", "it is the last way into the account")
        row = oidc_session(request).row
        if row is not None and row.identity_id == identity.pk:
            request.session.pop(ROW)  # the person stays, the provider's sign-in goes
        delete_identity(identity, request=request)
    _give_back(grants, identity.provider_key)


def delete_identity(identity: Identity, *, request: HttpRequest | None = None) -> None:
    """The row and all that hangs on it; for administrators, who may take the last way in too."""
    signals.announce("account_unlinked", request=request, provider=identity.provider_key, user_pk=identity.user_id)
    identity.delete()


def has_another_way_in(identity: Identity) -> bool:
    return not without_another_way_in([identity])


def without_another_way_in(going: Collection[Identity]) -> list[Any]:
    """The users who could not come back if these links went, all at once: they have neither a password that a backend takes,
    nor another account at a provider that is still in the settings. One statement.
    """
    people = {identity.user_id: identity.user for identity in going}
    others = Identity.objects.filter(user_id__in=people, provider_key__in=conf.provider_names)
    linked = set(others.exclude(pk__in=[identity.pk for identity in going]).values_list("user_id", flat=True))
    return [user for pk, user in people.items() if pk not in linked and not _has_password(user)]


def _has_password(user: Any) -> bool:
    """One that a backend other than ours takes."""
    return bool(user.has_usable_password()) and any(
        not issubclass(import_string(path), OpenIDConnectBackend) for path in settings.AUTHENTICATION_BACKENDS
    )


def _give_back(grants: list[TokenGrant], provider: str) -> None:
    try:
        configured = conf.provider(provider)
    except ConfigurationError:
        return
    for grant in grants:
        revoke(grant, configured)
