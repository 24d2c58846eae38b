"""What a site knows about one provider before the first request, and what the steps need from outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from codeflow.core.jose import ASYMMETRIC_ALGORITHMS
from codeflow.http import Answer

OPENID = "openid"
DEFAULT_SCOPE = "openid profile email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One entry of PROVIDERS. Lists are tuples; times are seconds."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    """"" makes a public client: PKCE alone protects the code."""
    label: str = ""
    """What people read; the name where it is empty."""
    scope: str = DEFAULT_SCOPE
    required_scope: tuple[str, ...] = ()
    """Without these a sign-in is refused, whatever else was granted."""
    prompt: str = ""
    """Sent as it is; some providers give a refresh token for offline_access with `consent` alone (OIDC Core 11)."""
    apis: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Name → base address. Their origins alone ever see an access token."""
    userinfo: bool = True
    token_endpoint_auth_method: str = ""
    """"" chooses from the metadata."""
    id_token_signing_alg_values: tuple[str, ...] = tuple(sorted(ASYMMETRIC_ALGORITHMS))
    trusted_audiences: tuple[str, ...] = ()
    leeway: int = 60
    max_iat_age: int = 600
    http_loopback: bool = False
    """Plain http is allowed on loopback hosts (a developer's machine)."""

    @property
    def requested_scope(self) -> str:
        """`scope` with `openid` first: without it the answer is no sign-in (OIDC Core 3.1.2.1)."""
        return " ".join([OPENID, *(name for name in self.scope.split() if name != OPENID)])


class Cache(Protocol):
    """The memory that all server processes share. `add` is atomic: True for the first caller alone."""

    def get(self, key: str) -> Any: ...
    def set(self, key: str, value: Any, timeout: int) -> Any: ...
    def add(self, key: str, value: Any, timeout: int) -> bool: ...


class Door(Protocol):
    """The way out; see codeflow.http.Door."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, max_body: int | None = None) -> Answer: ...
    def post_form(
        self,
        url: str,
        form: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
    ) -> Answer: ...
    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: float | None = None,
        max_body: int | None = None,
    ) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything a step may touch besides its arguments."""

    door: Door
    cache: Cache
    clock: Callable[[], float]
