"""The one door to PyJWT: choose a key, sign, verify with a pinned algorithm, hash for at_hash.

RFC 7515 4.1, 5.2, 7.1; RFC 7517 4, 5; RFC 7518 3.1; RFC 7638 3; RFC 8725 3.1-3.11; OIDC Core 3.1.3.6, 10.1. Claims are the
callers' to judge: `verify` answers who signed what, never whether to believe it. Left out: encryption (JWE), `none`, HS*.
"""

import hashlib
import json
import math
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

RS256, ES256, EDDSA, PS256 = "RS256", "ES256", "EdDSA", "PS256"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey

ASYMMETRIC_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""What a verifier may pin. HMAC is not here: a public key must never be taken for its secret (RFC 8725 2.1)."""

MAX_JWT = 64 * 1024
"""Characters of a compact JWT; longer ones are refused unread."""

MIN_RSA_BITS = 2048

_EC_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_READERS = {"RSA": RSAAlgorithm.from_jwk, "EC": ECAlgorithm.from_jwk, "OKP": OKPAlgorithm.from_jwk}
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class JoseError(ValueError):
    """A JWT or key that cannot be used. The message names the rule that failed, never a value of the token."""


class NoMatchingKey(JoseError):
    """The signature's key is not in the set; fetching the set again may help (OIDC Core 10.1.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedJwt:
    """A JWT whose signature holds; its claims are still to be judged."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    kid: str
    """The verifying key's `kid`, "" where it has none."""


def sign(claims: Mapping[str, Any], key: PrivateKey, *, alg: str, kid: str, typ: str = "JWT") -> str:
    """A compact JWS over `claims` with `alg`, `kid` and `typ` in its header."""
    return jwt.encode(dict(claims), key, algorithm=alg, headers={"kid": kid, "typ": typ})


def verify(
    token: str,
    jwks: Iterable[Mapping[str, Any]],
    *,
    algorithms: Collection[str],
    types: Collection[str] = ("JWT",),
) -> VerifiedJwt:
    """The claims of `token` if one of `jwks` (public JWKs) signed it with one of `algorithms`.

    `types` are the accepted `typ` values; an absent one is accepted (RFC 8725 3.11). Raises JoseError; NoMatchingKey
    where no key of the set fits the header, so that a caller may fetch the set once more.
    """
    header, claims = parse(token)
    alg = _check_header(header, algorithms, types)
    for jwk in _fitting_keys(header, alg, jwks):
        if _signature_holds(token, jwk, alg):
            return VerifiedJwt(header=header, claims=claims, kid=str(jwk.get("kid", "")))
    raise JoseError("the signature does not hold")


def parse(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload of a compact JWS, unverified and strictly read (RFC 7515 4, 5.2, 7.1; no duplicate members)."""
    if len(token) > MAX_JWT:
        raise JoseError("it is too long")
    parts = token.split(".")
    if len(parts) != 3:
        raise JoseError("it is encrypted" if len(parts) == 5 else "it does not have three parts")
    return strict_json_object(_decode(parts[0])), strict_json_object(_decode(parts[1]))


def strict_json_object(text: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8 without duplicate members, NaN, Infinity, lone surrogates or deep nesting. Raises JoseError.

    RFC 8259 4, 8; RFC 7519 4; RFC 7493 2.
    """
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_unique_members,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        if _SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half of a pair cannot be encoded
    except (ValueError, RecursionError) as error:
        raise JoseError("it holds no well-formed JSON object") from error
    if not isinstance(value, dict):
        raise JoseError("it holds no JSON object")
    return value


def left_half_hash(value: str, alg: str) -> str:
    """at_hash or c_hash: base64url of the left half of the hash that `alg` uses (OIDC Core 3.1.3.6).

    EdDSA with Ed25519 uses SHA-512. Raises JoseError for an algorithm whose hash is not known, and for a value that is
    not ASCII.
    """
    if not value.isascii():
        raise JoseError("the hashed value is not ASCII")
    hash_function = hashlib.sha512 if alg == EDDSA else _HASHES.get(alg[-3:]) if alg in ASYMMETRIC_ALGORITHMS else None
    if hash_function is None:
        raise JoseError("the algorithm has no known hash")
    digest = hash_function(value.encode("ascii")).digest()
    return _encode(digest[: len(digest) // 2])


def public_jwk(key: PrivateKey | PublicKey, *, alg: str, kid: str = "") -> dict[str, str]:
    """The public JWK of `key` with use, alg and kid; `kid` is the RFC 7638 thumbprint unless given."""
    public = key.public_key() if isinstance(key, PrivateKey) else key
    if isinstance(public, rsa.RSAPublicKey):
        members = RSAAlgorithm.to_jwk(public, as_dict=True)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        members = ECAlgorithm.to_jwk(public, as_dict=True)
    else:
        members = OKPAlgorithm.to_jwk(public, as_dict=True)
    jwk = {name: value for name, value in members.items() if name in ("kty", "crv", "n", "e", "x", "y")}
    return {**jwk, "use": "sig", "alg": alg, "kid": kid or thumbprint(jwk)}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The SHA-256 thumbprint of a public JWK, base64url (RFC 7638 3)."""
    required = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}[jwk["kty"]]
    canonical = json.dumps({name: jwk[name] for name in required}, sort_keys=True, separators=(",", ":"))
    return _encode(hashlib.sha256(canonical.encode("ascii")).digest())


def usable_keys(key_set: Mapping[str, Any], *, at_most: int = 100) -> list[dict[str, Any]]:
    """The signing keys of a JWK Set that this module can use; malformed and unknown ones are left out (RFC 7517 5).

    Raises JoseError where the document is no JWK Set or holds more than `at_most` keys.
    """
    keys = key_set.get("keys")
    if not isinstance(keys, list):
        raise JoseError("it is no JWK Set")
    if len(keys) > at_most:
        raise JoseError(f"it holds more than {at_most} keys")
    return [jwk for jwk in keys if isinstance(jwk, dict) and _is_signing_key(jwk) and _public_key(jwk) is not None]


def _check_header(header: Mapping[str, Any], algorithms: Collection[str], types: Collection[str]) -> str:
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in algorithms or alg not in ASYMMETRIC_ALGORITHMS:
        raise JoseError("its algorithm is not accepted")  # RFC 8725 3.1
    if "crit" in header:
        raise JoseError("it has a critical header")  # RFC 7515 4.1.11
    if "b64" in header:
        raise JoseError("its payload is not encoded")  # RFC 7797
    typ = header.get("typ")
    if typ is not None and (not isinstance(typ, str) or _media_type(typ) not in {_media_type(name) for name in types}):
        raise JoseError("its type is not accepted")  # RFC 8725 3.11
    return alg


def _media_type(typ: str) -> str:
    return typ.lower().removeprefix("application/")  # RFC 7515 4.1.9


def _fitting_keys(
    header: Mapping[str, Any], alg: str, jwks: Iterable[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    fitting = [jwk for jwk in jwks if _is_signing_key(jwk) and _fits(jwk, alg)]
    kid = header.get("kid")
    if kid is not None:
        fitting = [jwk for jwk in fitting if jwk.get("kid") == kid]
    if not fitting:
        raise NoMatchingKey("no key of the set fits it")
    return fitting


def _is_signing_key(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops")
    return jwk.get("use", "sig") == "sig" and (
        operations is None or (isinstance(operations, list) and "verify" in operations)
    )  # RFC 7517 4.2, 4.3


def _fits(jwk: Mapping[str, Any], alg: str) -> bool:
    if jwk.get("alg", alg) != alg:
        return False  # RFC 7517 4.4
    if alg == EDDSA:
        return jwk.get("kty") == "OKP" and jwk.get("crv") in ("Ed25519", "Ed448")
    if alg in _EC_CURVES:
        return jwk.get("kty") == "EC" and jwk.get("crv") == _EC_CURVES[alg]
    return jwk.get("kty") == "RSA"


def _public_key(jwk: Mapping[str, Any]) -> PublicKey | None:
    """The raw public key of `jwk`, or None where it is malformed, of another kind or too weak (RFC 8725 3.5)."""
    public_members = {name: value for name, value in jwk.items() if name in ("kty", "crv", "n", "e", "x", "y")}
    reader = _READERS.get(str(jwk.get("kty")))
    if reader is None:
        return None
    try:
        key: Any = reader(public_members)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        return None
    return key if isinstance(key, PublicKey) else None


def _signature_holds(token: str, jwk: Mapping[str, Any], alg: str) -> bool:
    key = _public_key(jwk)
    if key is None:
        return False
    try:
        jwt.PyJWS().decode_complete(token, key, algorithms=[alg])
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return True


def _decode(part: str) -> bytes:
    try:
        decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise JoseError("it is not base64url") from error
    if _encode(decoded) != part:
        raise JoseError("it is not base64url")
    return decoded


def _encode(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
