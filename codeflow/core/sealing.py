"""Authenticated encryption of what must rest or travel outside this process.

AES-256-GCM; each purpose has its own key, derived with HKDF (RFC 5869), and stands in the associated data too, so that what
was sealed for one use never opens for another.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_VERSION = b"\x01"


class SealBroken(ValueError):
    """Nothing that one of the keys sealed for this purpose. The message never says what was inside."""


class Sealer:
    """Seals with the first secret and opens with any of them, so that secrets can be rotated."""

    __slots__ = ("_ciphers", "_purpose")

    def __init__(self, secrets: Sequence[str | bytes], *, purpose: str) -> None:
        """`secrets`: high-entropy values such as SECRET_KEY; `purpose`: a short constant, one for each use."""
        self._purpose = purpose.encode("ascii")
        self._ciphers = tuple(AESGCM(self._key(secret)) for secret in secrets)

    def __repr__(self) -> str:
        return f"<Sealer {self._purpose.decode('ascii')}>"

    def seal(self, plaintext: bytes, *, bound_to: bytes = b"") -> str:
        """base64url text; it opens only with the same `bound_to`."""
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[0].encrypt(nonce, plaintext, self._associated_data(bound_to))
        return urlsafe_b64encode(_VERSION + nonce + sealed).rstrip(b"=").decode("ascii")

    def open(self, sealed: str, *, bound_to: bytes = b"") -> bytes:
        """What `seal` was given. Raises SealBroken."""
        try:
            octets = urlsafe_b64decode(sealed.encode("ascii") + b"=" * (-len(sealed) % 4))
        except ValueError as error:
            raise SealBroken("not base64url") from error
        if not octets.startswith(_VERSION):
            raise SealBroken("unknown version")
        nonce, ciphertext = octets[1 : 1 + _NONCE], octets[1 + _NONCE :]
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(nonce, ciphertext, self._associated_data(bound_to))
            except (InvalidTag, ValueError):
                continue
        raise SealBroken("no key opens it")

    def _key(self, secret: str | bytes) -> bytes:
        octets = secret.encode("utf-8") if isinstance(secret, str) else secret
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"codeflow " + self._purpose).derive(octets)

    def _associated_data(self, bound_to: bytes) -> bytes:
        return self._purpose + b"\x00" + bound_to
