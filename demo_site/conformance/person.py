"""The person of the conformance suite: every standard claim of OIDC Core 5.1 has a value."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

FIRST_NAME, LAST_NAME = "Charlotte", "Conformance"
EMAIL = "charlotte.conformance@example.com"

MORE_CLAIMS: dict[str, Any] = {
    "middle_name": "Elisabeth",
    "nickname": "Lotte",
    "profile": "https://people.example/charlotte",
    "picture": "https://people.example/charlotte.png",
    "website": "https://charlotte.example/",
    "gender": "female",
    "birthdate": "1985-12-10",
    "zoneinfo": "Europe/Berlin",
    "locale": "en-GB",
    "email_verified": True,
    "phone_number": "+49 30 901820",
    "phone_number_verified": True,
    "address": {
        "formatted": "Unter den Linden 5\n10117 Berlin\nGermany",
        "street_address": "Unter den Linden 5",
        "locality": "Berlin",
        "region": "Berlin",
        "postal_code": "10117",
        "country": "Germany",
    },
}
"""What Django's user model does not know."""


def claims(user: AbstractBaseUser) -> dict[str, Any]:
    """CODEFLOW_PROVIDER["USER_CLAIMS"]: the rest of the standard claims."""
    return {**MORE_CLAIMS, "updated_at": int(user.date_joined.timestamp())}  # type: ignore[attr-defined]  # Django's own user
