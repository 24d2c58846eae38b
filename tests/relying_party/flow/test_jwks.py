"""Published documents and keys: cached, rotated, refetched rarely, stale rather than wrong."""

import json
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from codeflow.core import jose
from codeflow.core.metadata import ProviderMetadata
from codeflow.http import Answer, HttpError, Unreachable
from codeflow.relying_party.errors import ProviderUnavailable
from codeflow.relying_party.flow import documents, jwks
from codeflow.relying_party.flow.configuration import Outside, Provider

OLD, NEW = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
PROVIDER = Provider(name="acme", issuer="https://a.example", client_id="shop")
METADATA = ProviderMetadata(issuer="https://a.example", jwks_uri="https://a.example/jwks")


@dataclass
class Memory:
    """The shared cache, as a dictionary."""

    values: dict[str, Any] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)
    clock: Any = None

    def get(self, key: str) -> Any:
        return self.values.get(key) if self.clock() < self.ends.get(key, 0) else None

    def set(self, key: str, value: Any, timeout: int) -> None:
        self.values[key], self.ends[key] = value, self.clock() + timeout

    def add(self, key: str, value: Any, timeout: int) -> bool:
        if self.get(key) is not None:
            return False
        self.set(key, value, timeout)
        return True


class World:
    """A provider's key set behind a door, a shared cache and a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.keys = [public(OLD, "old")]
        self.failure: HttpError | Answer | None = None
        self.headers = {"Content-Type": "application/json"}
        self.fetches = 0
        self.outside = Outside(door=self, cache=Memory(clock=lambda: self.now), clock=lambda: self.now)  # type: ignore[arg-type]

    def get(self, url: str, **options: Any) -> Answer:
        self.fetches += 1
        if isinstance(self.failure, HttpError):
            raise self.failure
        body = json.dumps({"keys": self.keys}).encode()
        return self.failure or Answer(status_code=200, headers=self.headers, body=body)

    def verify(self, key: rsa.RSAPrivateKey, kid: str | None) -> str:
        token = jose.sign({"sub": "a"}, key, alg="RS256", kid=kid or "")
        if kid is None:
            token = jwt.encode({"sub": "a"}, key, algorithm="RS256")
        return jwks.verify(token, PROVIDER, METADATA, self.outside, algorithms=("RS256",)).claims["sub"]

    def another_process(self) -> None:
        """What this process remembers is gone; the shared cache stays."""
        documents.forget()


def public(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    jwk = jose.public_jwk(key, alg="RS256", kid=kid or "x")
    return jwk if kid else {name: value for name, value in jwk.items() if name != "kid"}


@pytest.fixture
def world() -> World:
    return World()


def test_keys_are_fetched_once_for_all_processes(world):
    for _ in range(3):
        world.verify(OLD, "old")
        world.another_process()
    assert world.fetches == 1


def test_keys_are_fetched_again_after_ten_minutes(world):
    world.verify(OLD, "old")
    world.now += 601
    world.verify(OLD, "old")
    assert world.fetches == 2


@pytest.mark.parametrize(
    ("header", "life"),
    [("max-age=3600", 3600), ("public, max-age=1", 300), ("max-age=9999999", 86400), ("no-cache", 600)],
)
def test_cache_control_is_honoured_within_bounds(world, header, life):
    world.headers["Cache-Control"] = header
    world.verify(OLD, "old")
    world.now += life - 1
    world.verify(OLD, "old")
    assert world.fetches == 1
    world.now += 2
    world.verify(OLD, "old")
    assert world.fetches == 2


@pytest.mark.spec("OIDC Core", "10.1.1", "T33 RP-59 RP-60: an unknown key is looked for once, at once")
def test_rotated_key_is_fetched_at_once(world):
    world.verify(OLD, "old")
    world.keys = [public(NEW, "new")]
    assert world.verify(NEW, "new") == "a"
    assert world.fetches == 2


@pytest.mark.spec("OIDC Core", "10.1.1", "RP-59: unknown keys are no amplifier")
def test_unknown_keys_cause_one_fetch_a_minute_over_all_processes(world):
    world.verify(OLD, "old")
    for _ in range(20):
        with pytest.raises(jose.NoMatchingKey):
            world.verify(NEW, "unknown")
        world.another_process()
    assert world.fetches == 2
    world.now += 61
    with pytest.raises(jose.NoMatchingKey):
        world.verify(NEW, "unknown")
    assert world.fetches == 3


def test_key_that_another_process_fetched_is_taken_over(world):
    world.verify(OLD, "old")
    mine = dict(documents._local)
    world.another_process()
    world.now += 1
    world.keys = [public(NEW, "new")]
    world.verify(NEW, "new")  # elsewhere: uses up this minute's fetch
    documents._local.clear()
    documents._local.update(mine)
    assert world.verify(NEW, "new") == "a"
    assert world.fetches == 2


def test_set_without_kids_may_turn_over(world):
    world.keys = [public(OLD, "")]
    assert world.verify(OLD, None) == "a"
    world.keys = [public(NEW, "")]
    assert world.verify(NEW, None) == "a"


@pytest.mark.parametrize(
    "failure",
    [
        Unreachable("timed out"),
        Answer(status_code=500, headers={}, body=b""),
        Answer(status_code=404, headers={}, body=b""),
        Answer(status_code=200, headers={"Content-Type": "text/html"}, body=b"<html>"),
        Answer(status_code=200, headers={"Content-Type": "application/json"}, body=b'{"keys": []}'),
    ],
)
@pytest.mark.spec("OIDC Core", "10.1.1", "T54: the last good set is served for a day (compare CVE-2026-48524)")
def test_good_keys_outlive_bad_answers(world, failure):
    world.verify(OLD, "old")
    world.failure = failure
    world.now += 3600
    assert world.verify(OLD, "old") == "a"
    assert world.verify(OLD, "old") == "a"
    assert world.fetches == 2  # and the next try waits a little
    world.now += 24 * 3600
    with pytest.raises(ProviderUnavailable):
        world.verify(OLD, "old")


def test_failing_refetch_for_an_unknown_key_leaves_the_old_set(world):
    world.verify(OLD, "old")
    world.failure = Unreachable("timed out")
    with pytest.raises(jose.NoMatchingKey):
        world.verify(NEW, "unknown")
    assert world.verify(OLD, "old") == "a"


def test_provider_cannot_widen_the_pin():
    stated = ProviderMetadata(issuer="x", id_token_signing_alg_values_supported=("RS256", "HS256", "none", "ES256"))
    assert jwks.accepted_algorithms(PROVIDER, stated) == ("ES256", "RS256")
    pinned = Provider(name="a", issuer="x", client_id="c", id_token_signing_alg_values=("PS256",))
    assert jwks.accepted_algorithms(pinned, stated) == ("PS256",)


def test_malformed_token_causes_no_fetch(world):
    with pytest.raises(jose.JoseError):
        jwks.verify("nonsense", PROVIDER, METADATA, world.outside, algorithms=("RS256",))
    assert world.fetches == 1
