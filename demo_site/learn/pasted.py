"""What somebody pasted: an authorization request, a callback, a token request or a JWT. Nothing is sent anywhere."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlunsplit

from codeflow.core.uris import split_uri
from demo_site.trace.marks import claims_of

AUTHORIZATION, CALLBACK, TOKEN_REQUEST, JWT, UNKNOWN = "authorization", "callback", "token", "jwt", "unknown"
SECRET = {"client_secret", "code_verifier", "code", "access_token", "refresh_token", "id_token", "client_assertion"}
LONGEST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """`pairs` in the order they came; of a JWT the header and the claims."""

    kind: str
    address: str = ""
    pairs: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    fragment: bool = False
    header: Mapping[str, Any] = field(default_factory=dict, repr=False)
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def values(self) -> dict[str, str]:
        return dict(self.pairs)

    def shown(self) -> list[tuple[str, str]]:
        """The pairs as a page may show them: of a secret the first four characters."""
        return [(name, f"{value[:4]}…" if name in SECRET and value else value) for name, value in self.pairs]


def read(text: str) -> Pasted:
    """Tells what `text` is; curl's quotes and line breaks are forgiven."""
    text = " ".join(text[:LONGEST].replace("\\\n", " ").split()).strip("'\"")
    header, claims = claims_of(text)
    if header and claims:
        return Pasted(kind=JWT, header=header, claims=claims)
    if not text.startswith(("http://", "https://")):
        pairs = _pairs(text.lstrip("?"))
        return Pasted(kind=_kind(dict(pairs)), pairs=pairs)
    parts = split_uri(text)
    if parts is None:
        return Pasted(kind=UNKNOWN)
    fragment = not parts.query and "=" in parts.fragment
    pairs = _pairs(parts.fragment if fragment else parts.query)
    address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return Pasted(kind=_kind(dict(pairs)), address=address, pairs=pairs, fragment=fragment)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text, keep_blank_values=True))


def _kind(values: Mapping[str, str]) -> str:
    if "grant_type" in values:
        return TOKEN_REQUEST
    if "response_type" in values or ("client_id" in values and "redirect_uri" in values):
        return AUTHORIZATION
    if values.keys() & {"code", "error", "access_token", "id_token"}:
        return CALLBACK
    return UNKNOWN


def now() -> int:
    return int(time.time())
