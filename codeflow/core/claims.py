"""Which standard claims a scope asks for.

OIDC Core 5.1 (standard claims), 5.4 (requesting claims using scope values).
"""

from collections.abc import Iterable, Mapping

SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}
"""Scope → the claims it asks for, in the order of OIDC Core 5.1."""

STANDARD_CLAIMS: tuple[str, ...] = ("sub", *(claim for claims in SCOPE_CLAIMS.values() for claim in claims))


def claims_for_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """The names of the standard claims that `scopes` ask for, `sub` apart (OIDC Core 5.4)."""
    return frozenset(claim for scope in scopes for claim in SCOPE_CLAIMS.get(scope, ()))
