"""Who a person is: `sub`, and the standard claims of the granted scopes.

OIDC Core 2, 5.1, 5.4, 8. Claims come from Django's user model; CODEFLOW_PROVIDER["USER_CLAIMS"] adds to them or corrects them,
for instance `address` and `phone_number`, which Django does not know.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from codeflow.core.claims import claims_for_scopes
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import Client


def subject(user: AbstractBaseUser, client: Client) -> str:
    """The `sub` of `user`: never reused, never an e-mail address (OIDC Core 8)."""
    hook = provider_settings.subject
    return hook(user, client) if hook else str(user.pk)


def userinfo_claims(user: AbstractBaseUser, scopes: Iterable[str]) -> dict[str, Any]:
    """The standard claims that `scopes` ask for and `user` has, `sub` apart (OIDC Core 5.3.2: those without value are left out)."""
    wanted = claims_for_scopes(scopes)
    if not wanted:
        return {}
    known = _from_user_model(user)
    if hook := provider_settings.user_claims:
        known |= hook(user)
    return {name: value for name, value in known.items() if name in wanted and value not in (None, "")}


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
