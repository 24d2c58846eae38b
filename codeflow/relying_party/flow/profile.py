"""What a site may copy from claims into its own tables: short, printable, and verified where it matters.

OIDC Core 5.1, 5.7; RFC 6749 10.14. Nothing here names a person: that is (iss, sub) alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from codeflow.relying_party.flow.configuration import Provider

LONGEST_NAME = 150
LONGEST_EMAIL = 254
LONGEST_CLAIMS = 16 * 1024
"""Characters; what does not fit any more is left out."""
_LONGEST_VALUE = 4096
_PROTOCOL_CLAIMS = frozenset(
    {"aud", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "azp", "jti", "sid", "auth_time", "acr", "amr"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`email` is set where it is well formed, `email_verified` where the provider says so with a JSON true."""

    given_name: str = ""
    family_name: str = ""
    name: str = ""
    email: str = field(default="", repr=False)
    email_verified: bool = False


def read_profile(claims: Mapping[str, Any], provider: Provider) -> Profile:
    email = clean_email(claims.get("email"))
    return Profile(
        given_name=clean_name(claims.get("given_name")),
        family_name=clean_name(claims.get("family_name")),
        name=clean_name(claims.get("name")),
        email=email,
        email_verified=bool(email) and _is_verified(claims.get("email_verified"), provider),
    )


def _is_verified(value: object, provider: Provider) -> bool:
    return value is True or (value == "true" and provider.is_excused("email_verified_as_text"))


def clean_name(value: object) -> str:
    """Printable text without outer space, at most 150 characters; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return "".join(char for char in value[: 4 * LONGEST_NAME] if char.isprintable()).strip()[:LONGEST_NAME]


def clean_email(value: object) -> str:
    """An address of the form local@domain, or ""."""
    if not isinstance(value, str) or len(value) > LONGEST_EMAIL or not value.isprintable() or " " in value:
        return ""
    local, _, domain = value.partition("@")
    return value if local and domain and "@" not in domain else ""


def kept_claims(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims about the person, for the site's own use: protocol claims dropped, long or odd values left out."""
    kept: dict[str, Any] = {}
    left = LONGEST_CLAIMS
    for name, value in claims.items():
        size = len(name) + len(repr(value))
        if name in _PROTOCOL_CLAIMS or size > min(left, _LONGEST_VALUE) or "\\x00" in repr(value) or "\x00" in name:
            continue
        left -= size
        kept[name] = value
    return kept
