"""Signing keys that the operator keeps: a PEM file or an environment variable instead of the database.

    CODEFLOW_PROVIDER = {"KEY_STORE": "file:/etc/id/keys.pem"}     or     {"KEY_STORE": "env:ID_KEYS"}

Private keys in PEM, one after another. The first of each kind signs (RSA: RS256 and PS256; P-256: ES256; Ed25519: EdDSA); the others
are published, so that a new one can be added behind the old before it moves to the front. Rotation is the operator's.
"""

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.core.exceptions import ImproperlyConfigured

from codeflow.core import jose
from codeflow.provider.conf import provider_settings

DATABASE = "database"

_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.+?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A private key ready to sign."""

    kid: str
    alg: str
    private_key: jose.PrivateKey = field(repr=False)


def is_external() -> bool:
    return provider_settings.key_store != DATABASE


def signing_key(alg: str) -> KeyPair:
    """The first key that can sign with `alg`. Raises ImproperlyConfigured where there is none."""
    for pair in external_keys():
        if pair.alg == alg:
            return pair
    raise ImproperlyConfigured(f"No key for {alg} in CODEFLOW_PROVIDER['KEY_STORE'] ({provider_settings.key_store}).")


def external_keys() -> tuple[KeyPair, ...]:
    """Every key of the store, once for each algorithm it can sign with. Raises ImproperlyConfigured."""
    kind, _, place = provider_settings.key_store.partition(":")
    if kind == "env":
        return _parse(os.environ.get(place, ""), provider_settings.key_store)
    if kind != "file":
        raise ImproperlyConfigured("CODEFLOW_PROVIDER['KEY_STORE'] must be database, file:/path or env:NAME.")
    try:
        return _parse(Path(place).read_text(encoding="ascii"), provider_settings.key_store)
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The key store {place} cannot be read ({type(error).__name__}).") from error


@lru_cache(maxsize=8)
def _parse(text: str, source: str) -> tuple[KeyPair, ...]:
    """Parsed once per process and content: reading an RSA key costs a hundred signatures."""
    pairs = tuple(pair for block in _PEM.findall(text) for pair in _pairs(block, source))
    if not pairs:
        raise ImproperlyConfigured(f"There is no private key in {source}.")
    return pairs


def _pairs(block: str, source: str) -> list[KeyPair]:
    try:
        key = serialization.load_pem_private_key(block.encode("ascii"), password=None)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(f"A key in {source} cannot be read; it must be unencrypted PEM.") from error
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= jose.MIN_RSA_BITS:
        kid = jose.public_jwk(key, alg=jose.RS256)["kid"]
        return [
            KeyPair(kid=kid, alg=jose.RS256, private_key=key),
            KeyPair(kid=f"{kid}-{jose.PS256}", alg=jose.PS256, private_key=key),
        ]
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return [KeyPair(kid=jose.public_jwk(key, alg=jose.ES256)["kid"], alg=jose.ES256, private_key=key)]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return [KeyPair(kid=jose.public_jwk(key, alg=jose.EDDSA)["kid"], alg=jose.EDDSA, private_key=key)]
    raise ImproperlyConfigured(f"A key in {source} is of a kind or size that cannot sign here.")
