"""Access tokens and refresh tokens.

RFC 6749 1.4, 1.5, 6; RFC 6819 5.1.4.1; RFC 9700 4.14. Only SHA-256 at rest. `token_family` is the key of the code that all of
them descend from, so that a replay ends them together; it is no foreign key, since the code's row goes first. `session` is
checked by no constraint for the same reason: an offline grant outlives its session. Tables and indexes are kept narrow,
since there are two of these rows for every sign-in that lives.
"""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractAccessToken, AbstractIDToken, AbstractRefreshToken

from codeflow.provider.models.session import ProviderSession


def token_hash(token: str) -> str:
    """SHA-256 of a code or secret, base64url, 43 characters. Enough for values with 256 random bits (RFC 6819 5.1.4.1.3)."""
    return urlsafe_b64encode(_sha256(token)).rstrip(b"=").decode("ascii")


def token_digest(token: str) -> UUID:
    """122 bits of the SHA-256 of a token, which every database stores and indexes in 16 octets.

    `at_hash` keeps hardly more (OIDC Core 3.1.3.6): nobody finds a value to fit one of them, and nobody but this
    server chooses the values. Version and variant are set because MariaDB's type for UUIDs takes none without.
    """
    return UUID(bytes=_sha256(token)[:16], version=4)


def _sha256(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()


def _session_reference() -> Any:
    """Read with the token in one join, None once the session's row is cleared; looked up with the user, whose index serves."""
    return models.ForeignKey(
        ProviderSession,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("session"),
    )


class AccessToken(AbstractAccessToken):
    token = None
    id_token = None
    source_refresh_token = None
    updated = None

    token_checksum = models.UUIDField(unique=True, editable=False)
    token_family = models.BigIntegerField(db_index=True, editable=False)
    claims = models.TextField(blank=True, default="", editable=False)
    """The `claims` parameter of the authorization request (OIDC Core 5.5)."""
    session = _session_reference()
    revoked = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        indexes = (models.Index(fields=["expires"], name="codeflow_access_expires"),)
        permissions = (("revoke_tokens", _("Can revoke tokens")),)

    def __str__(self) -> str:
        return f"AccessToken #{self.pk}"


class RefreshToken(AbstractRefreshToken):
    """One link of a chain: used once, then replaced."""

    token = None
    access_token = None
    updated = None

    token_checksum = models.UUIDField(unique=True, editable=False)
    token_family = models.BigIntegerField(db_index=True, editable=False)
    claims = models.TextField(blank=True, default="", editable=False)
    scope = models.TextField(_("scope"), blank=True)
    expires = models.DateTimeField(_("expires"))
    family_expires = models.DateTimeField(_("grant expires"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    successor = models.TextField(blank=True, default="", editable=False)
    """What an honest retry gets again, sealed under a key derived from this token's value, which is not stored."""
    session = _session_reference()
    auth_time = models.DateTimeField(null=True, blank=True)
    acr = models.CharField(max_length=255, blank=True, default="")
    amr = models.CharField(max_length=255, blank=True, default="")
    revoked = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        indexes = (models.Index(fields=["expires"], name="codeflow_refresh_expires"),)

    def __str__(self) -> str:
        return f"RefreshToken #{self.pk}"


class IDToken(AbstractIDToken):
    """DOT's swap needs the model; ID tokens are not stored, a hint is verified by its signature."""

    class Meta:
        verbose_name = _("ID token")
        verbose_name_plural = _("ID tokens")
