"""What the twin's server issues: its own key, and tokens that anybody may use for a minute."""

import functools
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

LIFETIME = 60  # seconds
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One person's "Allow", remembered under a code that is never spent."""

    user_pk: int
    name: str
    client_id: str
    nonce: str = field(default="", repr=False)
    lie: str = ""


codes: "OrderedDict[str, Grant]" = OrderedDict()
KID = f"unsafe-{secrets.token_hex(4)}"  # a new key at each start has a new name


def new_code(grant: Grant) -> str:
    """For MOST grants; the oldest makes room."""
    code = secrets.token_urlsafe(24)
    codes[code] = grant
    while len(codes) > MOST:
        codes.popitem(last=False)
    return code


@functools.cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def access_token(user_pk: int) -> str:
    """Good for LIFETIME seconds, for anything, and nothing can take it back."""
    claims = {"sub": str(user_pk), "exp": int(time.time()) + LIFETIME, "jti": secrets.token_hex(8)}
    return jwt.encode(claims, key(), algorithm="RS256", headers={"kid": KID, "typ": "at+jwt"})


def holder(token: str) -> int | None:
    """The user that an access token stands for; None where it is not ours or too old."""
    try:
        return int(jwt.decode(token, key().public_key(), algorithms=["RS256"])["sub"])
    except (jwt.InvalidTokenError, ValueError):
        return None
