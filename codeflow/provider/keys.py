"""Signing keys: made on first use, published before use, rotated on schedule, gone after the last token they signed.

OIDC Core 10.1, 10.1.1; RFC 7517; RFC 8725 3.5. Nothing moves a key from state to state: `active_from` and the clock say it.
"""

import time
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.db import IntegrityError, connections, router, transaction
from django.db.models import Max
from django.utils import timezone

from codeflow.core import jose
from codeflow.core.sealing import Sealer
from codeflow.provider import audit, key_store
from codeflow.provider.conf import provider_settings
from codeflow.provider.key_store import KeyPair
from codeflow.provider.models import Client, SigningKey
from codeflow.provider.models.client import AccessTokenFormat

NEXT, SIGNING, RETIRING, GONE = "next", "signing", "retiring", "gone"

ALGORITHMS = (jose.RS256, jose.ES256, jose.EDDSA, jose.PS256)
"""What this provider can sign with."""


_signing: dict[str, tuple[float, KeyPair]] = {}


def signing_key(alg: str) -> KeyPair:
    """The key of `alg` that signs now, made if there is none; a due successor is made on the way.

    Remembered for CACHE_SECONDS in this process, except inside a transaction, whose rows may never be committed.
    """
    if key_store.is_external():
        return key_store.signing_key(alg)
    may_remember = not connections[router.db_for_read(SigningKey)].in_atomic_block
    if may_remember and (remembered := _signing.get(alg)) and remembered[0] > time.monotonic():
        return remembered[1]
    pair = _key_pair(_current(_with_due_successor(alg, timezone.now()), timezone.now()))
    if may_remember:
        _signing[alg] = (time.monotonic() + provider_settings.cache_seconds, pair)
    return pair


def published_jwks() -> list[dict[str, str]]:
    """The public keys of the JWK Set: next, signing and retiring ones, the default algorithm's first.

    A key of each offered algorithm exists before it is published, so that the set is never empty.
    """
    if key_store.is_external():
        return [_external_jwk(pair) for pair in key_store.external_keys()]
    now = timezone.now()
    for alg in provider_settings.signing_algorithms:
        _with_due_successor(alg, now)
    place = {alg: number for number, alg in enumerate(provider_settings.signing_algorithms)}
    keys = sorted(SigningKey.objects.all(), key=lambda key: (place.get(key.alg, len(place)), key.generation))
    life = longest_life()
    return [dict(key.public_jwk) for key in keys if key_state(key, keys, now, life) != GONE]


def verify_own(token: str, *, types: Collection[str] = ("JWT",)) -> jose.VerifiedJwt:
    """A JWT that this provider signed, whatever its age; keys that are gone still prove it (OIDC Core 3.1.2.2).

    Raises JoseError.
    """
    jwks: list[dict[str, str]] = list(SigningKey.objects.values_list("public_jwk", flat=True))
    if key_store.is_external():
        jwks += [_external_jwk(pair) for pair in key_store.external_keys()]
    return jose.verify(token, jwks, algorithms=ALGORITHMS, types=types)


def key_state(key: SigningKey, keys: Collection[SigningKey], now: datetime, life: timedelta | None = None) -> str:
    """next, signing, retiring or gone, from `key`'s place among `keys` and the clock. `life` spares a look at the clients."""
    if key.active_from > now:
        return NEXT
    followers = [other.active_from for other in keys if other.alg == key.alg and other.generation > key.generation]
    if not followers or min(followers) > now:
        return SIGNING
    afterlife = (longest_life() if life is None else life) + provider_settings.key_publish
    return RETIRING if min(followers) + afterlife > now else GONE


def longest_life() -> timedelta:
    """Of anything that a key signs and somebody keeps: ID tokens, and JWT access tokens with each client's own lifetime."""
    jwt = Client.objects.filter(access_token_format=AccessTokenFormat.JWT)
    own = jwt.aggregate(at_most=Max("access_token_lifetime"))["at_most"]
    return max(
        provider_settings.id_token_lifetime, provider_settings.access_token_lifetime, timedelta(seconds=own or 0)
    )


def make_key(alg: str, *, generation: int, active_from: datetime) -> SigningKey:
    """Generates and stores a key. If another process made this generation first, its key is the one returned."""
    private_key = _generate(alg)
    public_jwk = jose.public_jwk(private_key, alg=alg)
    pem = private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        with transaction.atomic(using=router.db_for_write(SigningKey)):
            key = SigningKey.objects.create(
                kid=public_jwk["kid"],
                alg=alg,
                generation=generation,
                private_key=_sealer(provider_settings.secrets).seal(pem, bound_to=public_jwk["kid"].encode()),
                public_jwk=public_jwk,
                active_from=active_from,
            )
            audit.record("key.made", reason=f"{alg} {key.kid[:16]}")
            return key
    except IntegrityError:
        return SigningKey.objects.get(alg=alg, generation=generation)


def rotate(alg: str, *, at_once: bool = False) -> SigningKey:
    """Makes the next key of `alg` now. It signs after it has been published for KEY_PUBLISH_SECONDS, or `at_once`, which
    clients that cache the key set will notice. A next key that waits already is brought forward instead.
    """
    now = timezone.now()
    active_from = now if at_once else now + provider_settings.key_publish
    keys = _with_due_successor(alg, now)
    if keys[-1].active_from > now:
        keys[-1].active_from = min(keys[-1].active_from, active_from)
        keys[-1].save(update_fields=["active_from"])
        forget_keys()
        return keys[-1]
    key = make_key(alg, generation=keys[-1].generation + 1, active_from=active_from)
    forget_keys()
    return key


def withdraw(kid: str) -> None:
    """Takes a key out of the set at once: nothing it signed can be verified any more. Raises SigningKey.DoesNotExist, and
    ValueError for a key that still signs.
    """
    keys, now = list(SigningKey.objects.all()), timezone.now()
    key = SigningKey.objects.get(kid=kid)
    if key_state(key, keys, now) == SIGNING:
        raise ValueError("it still signs")
    key.delete()
    forget_keys()


def reseal() -> int:
    """Seals every private key under the newest SECRET_KEY; returns how many."""
    sealer, keys = _sealer(provider_settings.secrets), list(SigningKey.objects.all())
    for key in keys:
        bound_to = key.kid.encode()
        key.private_key = sealer.seal(sealer.open(key.private_key, bound_to=bound_to), bound_to=bound_to)
        key.save(update_fields=["private_key"])
    return len(keys)


def forget_keys() -> None:
    """Drops what this process remembers; others follow within CACHE_SECONDS."""
    _signing.clear()


def _external_jwk(pair: KeyPair) -> dict[str, str]:
    return jose.public_jwk(pair.private_key, alg=pair.alg, kid=pair.kid)


def _with_due_successor(alg: str, now: datetime) -> list[SigningKey]:
    """The keys of `alg`, oldest first, with the first or the next one made where it is due."""
    keys = list(SigningKey.objects.filter(alg=alg).order_by("generation"))
    if not keys:
        return [make_key(alg, generation=1, active_from=now)]
    newest = keys[-1]
    ends = newest.active_from + provider_settings.key_rotation
    if ends - provider_settings.key_publish <= now:
        successor_from = max(ends, now + provider_settings.key_publish)
        keys.append(make_key(alg, generation=newest.generation + 1, active_from=successor_from))
    return keys


def _current(keys: list[SigningKey], now: datetime) -> SigningKey:
    active = [key for key in keys if key.active_from <= now]
    return active[-1] if active else keys[0]


def _generate(alg: str) -> jose.PrivateKey:
    if alg == jose.ES256:
        return ec.generate_private_key(ec.SECP256R1())
    if alg == jose.EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _key_pair(key: SigningKey) -> KeyPair:
    private_key = _open(key.private_key, key.kid, provider_settings.secrets)
    return KeyPair(kid=key.kid, alg=key.alg, private_key=private_key)


@lru_cache(maxsize=64)
def _open(sealed: str, kid: str, secrets: tuple[str, ...]) -> jose.PrivateKey:
    """Parsed once per process: reading an RSA key costs a hundred signatures."""
    der = _sealer(secrets).open(sealed, bound_to=kid.encode())
    return cast(jose.PrivateKey, serialization.load_der_private_key(der, password=None))


@lru_cache(maxsize=4)
def _sealer(secrets: tuple[str, ...]) -> Sealer:
    return Sealer(secrets, purpose="signing key")
