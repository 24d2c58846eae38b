"""The providers that are measured side by side: for each its settings, its addresses and what stands in its database.

Every peer gets the same person, client, secret, key, scope and lifetimes, the default middleware and database sessions.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    name: str
    settings: str
    """Dotted name of its Django settings; beside them stands `register`, which fills its database."""
    paths: dict[str, str]
    """Endpoint → path."""
    clearing: tuple[str, ...]
    """Statements that end a round: codes and tokens go, consent stays, so that no peer slows down with the run's length."""
    weight: int = 1
    """A slow peer sends this many times fewer requests."""
    environment: dict[str, str] = field(default_factory=dict)


_TOOLKIT_CLEARING = (
    "UPDATE oauth2_provider_accesstoken SET source_refresh_token_id = NULL",
    "DELETE FROM oauth2_provider_refreshtoken",
    "DELETE FROM oauth2_provider_accesstoken WHERE token <> 'consent'",  # where this peer remembers consent
    "DELETE FROM oauth2_provider_idtoken",
    "DELETE FROM oauth2_provider_grant",
)


def _paths(prefix: str, slash: str = "/") -> dict[str, str]:
    return {name: f"{prefix}{name}{slash}" for name in ("authorize", "token", "userinfo", "introspect")}


FLOOR = Peer(
    name="floor",
    settings="benchmarks.peers.floor.settings",
    paths=_paths("/"),
    clearing=("DELETE FROM floor_grant",),
)
CODEFLOW = Peer(
    name="codeflow",
    settings="benchmarks.peers.codeflow.settings",
    paths=_paths("/o/"),
    clearing=(
        "DELETE FROM codeflow_provider_refreshtoken",
        "DELETE FROM codeflow_provider_accesstoken",
        "DELETE FROM codeflow_provider_authorizationcode",
        "DELETE FROM codeflow_provider_auditevent",
    ),
)
OIDC_PROVIDER = Peer(
    name="django-oidc-provider",
    settings="benchmarks.peers.oidc_provider.settings",
    paths=_paths("/"),
    clearing=("DELETE FROM oidc_provider_token", "DELETE FROM oidc_provider_code"),
)
TOOLKIT_UNHASHED = Peer(
    name="DOT, unhashed secret",
    settings="benchmarks.peers.toolkit.settings",
    paths=_paths("/o/"),
    clearing=_TOOLKIT_CLEARING,
    environment={"BENCHMARK_HASH_SECRET": ""},
)
TOOLKIT = Peer(
    name="DOT, default",
    settings="benchmarks.peers.toolkit.settings",
    paths=_paths("/o/"),
    clearing=_TOOLKIT_CLEARING,
    weight=8,
    environment={"BENCHMARK_HASH_SECRET": "yes"},
)

PEERS = (FLOOR, CODEFLOW, OIDC_PROVIDER, TOOLKIT_UNHASHED, TOOLKIT)
