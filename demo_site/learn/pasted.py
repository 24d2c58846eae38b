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
    if isinstance(header, dict) and isinstance(claims, dict) and header:
        return Pasted(kind=JWT, header=header, claims=claims)
    parts = split_uri(text)
    if parts is None:
        return Pasted(kind=UNKNOWN)
    is_url = parts.scheme in ("http", "https") or text.startswith("/")
    query = parts.query if is_url else text.lstrip("?")
    fragment = is_url and not query and "=" in parts.fragment
    pairs = tuple(parse_qsl(parts.fragment if fragment else query, keep_blank_values=True))
    address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")) if is_url else ""
    return Pasted(kind=_kind(dict(pairs)), address=address, pairs=pairs, fragment=fragment)


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
