"""What a site knows about one provider before the first request, and what the steps need from outside."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from codeflow.core.jose import ASYMMETRIC_ALGORITHMS
from codeflow.http import Answer

OPENID = "openid"
DEFAULT_SCOPE = "openid profile email"

QUERY, FORM_POST = "query", "form_post"
RESPONSE_MODES = ("", QUERY, FORM_POST)

TENANT = "{tenantid}"
"""Stands in an issuer_template for the tenant, which is the claim `tid`."""

QUIRKS: Mapping[str, str] = MappingProxyType(
    {
        "pkce_not_advertised": "the metadata names PKCE methods without S256; it is sent all the same",
        "logout_token_without_exp": "logout tokens have no exp; iat bounds their life",
        "email_verified_as_text": 'email_verified is the text "true"',
    }
)
"""What a provider does against the rules and may be excused for, by name; each use is logged. None skips a signature,
issuer, audience, nonce or state."""

_logger = logging.getLogger("codeflow.relying_party")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One entry of PROVIDERS. Lists are tuples; times are seconds."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    """"" with no private_key makes a public client: PKCE alone protects the code."""
    private_key: str = field(default="", repr=False)
    """A PEM; this client's own key for private_key_jwt."""
    private_key_kid: str = ""
    """The key's id as registered at the provider; "" is its RFC 7638 thumbprint."""
    issuer_template: str = ""
    tenants: tuple[str, ...] = ()
    """Those of a provider for many tenants that may sign in; their issuers follow issuer_template."""
    quirks: tuple[str, ...] = ()
    label: str = ""
    """What people read; the name where it is empty."""
    scope: str = DEFAULT_SCOPE
    required_scope: tuple[str, ...] = ()
    """Without these a sign-in is refused, whatever else was granted."""
    prompt: str = ""
    """Sent as it is; some providers give a refresh token for offline_access with `consent` alone (OIDC Core 11)."""
    response_mode: str = ""
    """How the answer comes: "" and "query" in the address, "form_post" in a form."""
    authorization_parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Sent in step 1 as they are; they replace none of the protocol's own."""
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

    @property
    def published_issuer(self) -> str:
        """What the metadata must state: the issuer, or the template of a provider for many tenants."""
        return self.issuer_template if self.tenants else self.issuer

    @property
    def issuers(self) -> frozenset[str]:
        """Every value that `iss` of a token may have."""
        if not self.tenants:
            return frozenset({self.issuer})
        return frozenset(self.issuer_template.replace(TENANT, tenant) for tenant in self.tenants)

    def issuer_of(self, claims: Mapping[str, Any]) -> str:
        """What `iss` must be in these claims: a listed tenant's own issuer (OIDC Core 3.1.3.7 item 2)."""
        tid = claims.get("tid")
        return self.issuer_template.replace(TENANT, str(tid)) if tid in self.tenants else self.published_issuer

    def is_excused(self, quirk: str) -> bool:
        """Whether the settings name the quirk; asked only where it decides, and logged then."""
        if quirk not in self.quirks:
            return False
        _logger.info("quirk used: provider=%s quirk=%s", self.name, quirk)
        return True


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
