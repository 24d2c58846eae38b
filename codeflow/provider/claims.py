"""Who a person is: `sub`, and the standard claims.

OIDC Core 2, 5.1, 5.4, 5.5, 8, 8.1. Claims come from Django's user model; CODEFLOW_PROVIDER["USER_CLAIMS"] adds to them or corrects
them, for instance `address` and `phone_number`, which Django does not know.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from codeflow.core.claims import STANDARD_CLAIMS, claims_for_scopes
from codeflow.provider import server_secrets
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow.claims_parameter import ClaimsParameter, select
from codeflow.provider.models import Client
from codeflow.provider.models.client import SubjectType

_USER_MODEL_CLAIMS = frozenset({"name", "given_name", "family_name", "preferred_username", "email", "email_verified"})


def subject(user: AbstractBaseUser, client: Client) -> str:
    """The `sub` of `user` for `client`: never reused, never an e-mail address (OIDC Core 8)."""
    hook = provider_settings.subject
    public = hook(user, client) if hook else str(user.pk)
    if client.subject_type != SubjectType.PAIRWISE:
        return public
    salt = server_secrets.secret("pairwise subject")
    return hmac.new(salt, f"{client.sector}|{public}".encode(), hashlib.sha256).hexdigest()  # OIDC Core 8.1


def userinfo_claims(user: AbstractBaseUser, scopes: Iterable[str], claims_parameter: str = "") -> dict[str, Any]:
    """The standard claims that `scopes` and the `claims` parameter ask for, `sub` apart (OIDC Core 5.3.2, 5.4, 5.5)."""
    wanted = claims_for_scopes(scopes)
    asked = ClaimsParameter.parse(claims_parameter).userinfo
    if not wanted and not asked:
        return {}
    known = known_claims(user)
    return {name: value for name, value in known.items() if name in wanted} | select(known, asked)


def known_claims(user: AbstractBaseUser) -> dict[str, Any]:
    """Every claim that has a value for `user`; those without one are left out (OIDC Core 5.3.2)."""
    known = _from_user_model(user)
    if hook := provider_settings.user_claims:
        known |= hook(user)
    known.pop("sub", None)  # the subject is not the hook's to say; see `subject`
    return {name: value for name, value in known.items() if value not in (None, "")}


def supported_claims(scopes: Iterable[str]) -> tuple[str, ...]:
    """The standard claims that this server can give for `scopes`: without a hook, those of Django's user model."""
    wanted = claims_for_scopes(scopes)
    known = wanted if provider_settings.user_claims else wanted & _USER_MODEL_CLAIMS
    return tuple(name for name in STANDARD_CLAIMS if name in known)


def _from_user_model(user: AbstractBaseUser) -> dict[str, Any]:
    full_name = getattr(user, "get_full_name", None)
    email = getattr(user, user.get_email_field_name(), "")
    return {
        "name": full_name() if full_name else "",
        "given_name": getattr(user, "first_name", ""),
        "family_name": getattr(user, "last_name", ""),
        "preferred_username": user.get_username(),
        "email": email,
        "email_verified": False if email else None,  # Django does not verify addresses; USER_CLAIMS may know better
    }
