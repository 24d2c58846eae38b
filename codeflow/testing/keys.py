"""The keys of fake providers: made once in a process, because an RSA key takes its time."""

import base64
import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from codeflow.core import jose

ALG = jose.RS256
KID = "fake-key-1"
OTHER_KID = "fake-key-2"


@cache
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def other_key() -> rsa.RSAPrivateKey:
    """Nobody published it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published_keys() -> dict[str, Any]:
    return {"keys": [jose.public_jwk(signing_key(), alg=ALG, kid=KID)]}


def sign(claims: Mapping[str, Any], header: Mapping[str, Any], key: rsa.RSAPrivateKey | None = None) -> str:
    """A compact JWS over anything: no claim and no header is added, so that a test can leave each one out."""
    algorithm = jwt.get_algorithm_by_name(ALG)
    signed = f"{part({'alg': ALG, **header})}.{part(claims)}"
    return f"{signed}.{part(algorithm.sign(signed.encode(), key or signing_key()))}"


def part(value: Any) -> str:
    """One part of a JWT: octets as they are, anything else as JSON."""
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def now() -> int:
    return int(time.time())
