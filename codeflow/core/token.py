"""The Token Request and the Token Response, to and from parameters and JSON members.

RFC 6749 4.1.3, 5.1, 6; OIDC Core 3.1.3.1, 3.1.3.3, 12; RFC 7636 4.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"
BEARER = "Bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a client POSTs to the token endpoint, its credentials apart."""

    grant_type: str = ""
    code: str = field(default="", repr=False)
    redirect_uri: str = ""
    code_verifier: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""

    @classmethod
    def parse(cls, parameters: Mapping[str, str]) -> Self:
        """Reads known parameters and ignores others (RFC 6749 3.2)."""
        return cls(**{name: parameters[name] for name in _REQUEST_ORDER if parameters.get(name)})

    def to_parameters(self) -> dict[str, str]:
        """The parameters that are set, ready for a form body."""
        return {name: value for name in _REQUEST_ORDER if (value := getattr(self, name))}


_REQUEST_ORDER = tuple(item.name for item in fields(TokenRequest))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResponse:
    """A successful answer of the token endpoint (RFC 6749 5.1; OIDC Core 3.1.3.3)."""

    access_token: str = field(repr=False)
    token_type: str = BEARER
    expires_in: int | None = None
    """Seconds; None is: not known."""
    refresh_token: str = field(default="", repr=False)
    scope: str = ""
    id_token: str = field(default="", repr=False)

    def to_members(self) -> dict[str, Any]:
        """The JSON members that are set."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name)) not in ("", None)}
