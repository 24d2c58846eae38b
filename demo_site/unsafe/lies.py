"""ID tokens that a client must refuse: each lie changes one thing of a good one.

OIDC Core 3.1.3.7; RFC 8725 2.1, 3.1.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

Claims = dict[str, Any]
HOUR = 3600

CHANGED_CLAIMS: Mapping[str, Callable[[Claims], Claims]] = {
    "nonce_wrong": lambda claims: {"nonce": "somebody-elses-nonce"},
    "nonce_missing": lambda claims: {"nonce": None},
    "aud_wrong": lambda claims: {"aud": "another-client"},
    "iss_wrong": lambda claims: {"iss": "https://evil.example/o"},
    "expired": lambda claims: {"iat": claims["iat"] - 2 * HOUR, "exp": claims["iat"] - HOUR},
    "from_the_future": lambda claims: {"iat": claims["iat"] + HOUR, "exp": claims["exp"] + 2 * HOUR},
}


def id_token(claims: Claims, key: rsa.RSAPrivateKey, kid: str, lie: str) -> str:
    """`claims` signed with `key` (RS256), but for what `lie` changes; an unknown lie changes nothing."""
    if lie in CHANGED_CLAIMS:
        changed = {**claims, **CHANGED_CLAIMS[lie](claims)}
        claims = {name: value for name, value in changed.items() if value is not None}
    if lie.startswith("skew="):
        claims = _skewed(claims, int(lie.removeprefix("skew=")))
    return _SIGNED.get(lie, _signed)(claims, key, kid)


def _skewed(claims: Claims, seconds: int) -> Claims:
    """As a server would write it whose clock is `seconds` ahead (behind where negative)."""
    return {**claims, "iat": claims["iat"] + seconds, "exp": claims["exp"] + seconds}


def _signed(claims: Claims, key: rsa.RSAPrivateKey, kid: str) -> str:
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


def _letter_changed(claims: Claims, key: rsa.RSAPrivateKey, kid: str) -> str:
    """In the payload: the signature stays that of the good one."""
    header, _, signature = _signed(claims, key, kid).split(".")
    return ".".join([header, _part({**claims, "sub": f"{claims['sub']}1"}), signature])


def _unsigned(claims: Claims, key: rsa.RSAPrivateKey, kid: str) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def _public_key_as_secret(claims: Claims, key: rsa.RSAPrivateKey, kid: str) -> str:
    """The confusion of algorithms: who verifies with the public key as an HMAC secret is fooled."""
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{_part(claims)}"
    return f"{signed}.{_encode(hmac.digest(public, signed.encode(), hashlib.sha256))}"


def _with_own_key(claims: Claims, key: rsa.RSAPrivateKey, kid: str) -> str:
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _signed(claims, own, "nobody-knows-me")


_SIGNED = {
    "letter_changed": _letter_changed,
    "alg_none": _unsigned,
    "alg_hs256": _public_key_as_secret,
    "kid_unknown": _with_own_key,
}


def good_claims(*, issuer: str, sub: str, name: str, aud: str, nonce: str) -> Claims:
    """OIDC Core 2."""
    now = int(time.time())
    claims = {"iss": issuer, "sub": sub, "name": name, "aud": aud, "iat": now, "exp": now + 600, "auth_time": now}
    return {**claims, "nonce": nonce} if nonce else claims


def _part(value: Any) -> str:
    return _encode(json.dumps(value).encode())


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
