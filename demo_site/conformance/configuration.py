"""What the environment says of a run of the conformance suite.

Standard library only: the settings module reads it before Django starts.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PREFIX = "CODEFLOW_CONFORMANCE_"

ISSUER = f"{PREFIX}ISSUER"
SUITE = f"{PREFIX}SUITE"
ALIAS = f"{PREFIX}ALIAS"
REDIRECT_URIS = f"{PREFIX}REDIRECT_URIS"
LOGOUT = f"{PREFIX}LOGOUT"
USERNAME, PASSWORD = f"{PREFIX}USERNAME", f"{PREFIX}PASSWORD"
BEHIND_PROXY = f"{PREFIX}BEHIND_PROXY"
PRIVATE_ADDRESSES = f"{PREFIX}PRIVATE_ADDRESSES"

OFFICIAL_SUITE = "https://www.certification.openid.net"
NO_LOGOUT, BACKCHANNEL, FRONTCHANNEL = "", "backchannel", "frontchannel"

ROLES = {
    "client": "client_secret_basic",
    "client2": "client_secret_basic",
    "client_secret_post": "client_secret_post",
}
"""Block of the suite's configuration → how that client authenticates."""


class Misconfigured(ValueError):
    """An environment variable is missing or wrong; the message names it and says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticClient:
    """One of the three clients. `role` is its block in the suite's configuration."""

    role: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def token_endpoint_auth_method(self) -> str:
        return ROLES[self.role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that provider and suite must agree on."""

    issuer: str
    suite: str
    alias: str
    redirect_uris: tuple[str, ...]
    logout: str
    """Which logout the clients hear of: the suite fails a module that is told in a way it does not expect."""
    clients: tuple[StaticClient, ...]
    username: str
    password: str = field(repr=False)
    behind_proxy: bool = False
    private_addresses: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], kept_secret: Callable[[str], str]) -> "Configuration":
        """`kept_secret` gives the secret of that name, the same at every start. Raises Misconfigured."""
        suite = environ.get(SUITE, OFFICIAL_SUITE).rstrip("/")
        alias = environ.get(ALIAS, "codeflow")
        return cls(
            issuer=_issuer(environ),
            suite=suite,
            alias=alias,
            redirect_uris=tuple(environ.get(REDIRECT_URIS, "").split()) or (f"{suite}/test/a/{alias}/callback",),
            logout=_logout(environ),
            clients=tuple(_client(role, environ, kept_secret) for role in ROLES),
            username=environ.get(USERNAME, "conformance"),
            password=environ.get(PASSWORD) or kept_secret("password"),
            behind_proxy=_switch(BEHIND_PROXY, environ),
            private_addresses=_switch(PRIVATE_ADDRESSES, environ),
        )

    @property
    def base(self) -> str:
        """Below which the suite listens."""
        return f"{self.suite}/test/a/{self.alias}"

    @property
    def post_logout_redirect_uri(self) -> str:
        return f"{self.base}/post_logout_redirect"

    @property
    def backchannel_logout_uri(self) -> str:
        return f"{self.base}/backchannel_logout" if self.logout == BACKCHANNEL else ""

    @property
    def frontchannel_logout_uri(self) -> str:
        return f"{self.base}/frontchannel_logout" if self.logout == FRONTCHANNEL else ""

    def client(self, role: str) -> StaticClient:
        return next(client for client in self.clients if client.role == role)


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def _issuer(environ: Mapping[str, str]) -> str:
    issuer = environ.get(ISSUER, "")
    parts = urlsplit(issuer)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or issuer.endswith("/"):
        raise Misconfigured(
            f"{ISSUER} is {issuer!r}. Write the https address at which the suite reaches this provider, "
            "without a final slash, such as https://op.example/o or https://op.example."
        )
    return issuer


def _logout(environ: Mapping[str, str]) -> str:
    logout = environ.get(LOGOUT, NO_LOGOUT)
    if logout not in (NO_LOGOUT, BACKCHANNEL, FRONTCHANNEL):
        raise Misconfigured(f"{LOGOUT} is {logout!r}. Write {BACKCHANNEL}, {FRONTCHANNEL} or nothing.")
    return logout


def _switch(name: str, environ: Mapping[str, str]) -> bool:
    value = environ.get(name, "0")
    if value not in ("0", "1"):
        raise Misconfigured(f"{name} is {value!r}. Write 1 or 0.")
    return value == "1"


def _client(role: str, environ: Mapping[str, str], kept_secret: Callable[[str], str]) -> StaticClient:
    name = f"{PREFIX}{role.upper()}"
    return StaticClient(
        role=role,
        client_id=environ.get(f"{name}_ID", f"conformance-{role.replace('_', '-')}"),
        client_secret=environ.get(f"{name}_SECRET") or kept_secret(role),
    )
