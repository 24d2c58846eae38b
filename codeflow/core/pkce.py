"""Proof Key for Code Exchange, method S256 only.

RFC 7636 4.1-4.6; RFC 9700 2.1.1. Left out on purpose: the method `plain`.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode

S256 = "S256"

_CODE_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_S256_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")


def new_code_verifier() -> str:
    """A fresh verifier: 43 characters, 256 random bits (RFC 7636 4.1)."""
    return secrets.token_urlsafe(32)


def code_challenge(code_verifier: str) -> str:
    """BASE64URL(SHA256(code_verifier)), 43 characters without padding (RFC 7636 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(code_verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def is_code_verifier(value: str) -> bool:
    """43 to 128 unreserved characters (RFC 7636 4.1)."""
    return _CODE_VERIFIER.fullmatch(value) is not None


def is_code_challenge(value: str) -> bool:
    """Exactly the form an S256 challenge has: 43 base64url characters (RFC 7636 4.2 and appendix A)."""
    return _S256_CHALLENGE.fullmatch(value) is not None


def code_verifier_matches(code_verifier: str, expected_code_challenge: str) -> bool:
    """Constant-time comparison of the challenge made from `code_verifier` (RFC 7636 4.6); False where its form is wrong."""
    if not is_code_verifier(code_verifier):
        return False
    return hmac.compare_digest(code_challenge(code_verifier), expected_code_challenge)
