"""The relying party's rows: whom a provider's subject is here, the tokens held for them, and their sessions.

Tokens rest encrypted (AES-256-GCM, see codeflow.core.sealing); nothing here can be read back without TOKEN_KEYS.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from codeflow.core.sealing import SealBroken
from codeflow.relying_party.conf import sealer

TOKEN_PURPOSE = "relying party tokens"


def subject_key(issuer: str, sub: str) -> str:
    """One fixed-length key for (iss, sub): compares byte for byte on every database, whatever its collation."""
    return hashlib.sha256(f"{issuer}\0{sub}".encode()).hexdigest()


class Identity(models.Model):
    """A subject of a provider and the local user it is here.

    (issuer, sub) names it and nothing else (OIDC Core 5.7).
    """

    subject_key = models.CharField(max_length=64, unique=True, editable=False)
    provider_key = models.CharField(_("provider"), max_length=100)
    issuer = models.CharField(_("issuer"), max_length=2000)
    sub = models.CharField(_("subject"), max_length=255)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="codeflow_identities", verbose_name=_("user")
    )
    claims = models.JSONField(_("claims"), default=dict, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    last_login = models.DateTimeField(_("last sign-in"), null=True, blank=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")

    def __str__(self) -> str:
        return f"{self.sub} at {self.provider_key}"


class SignInProvider(Identity):
    """The providers of the settings, as a heading in the admin and a permission to look at them. No rows of its own."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = _("sign-in provider")
        verbose_name_plural = _("sign-in providers")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTokens:
    """What a TokenGrant holds in clear for as long as a call needs it."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    id_token: str = field(default="", repr=False)
    refresh_at: float = 0.0


class TokenGrant(models.Model):
    """The tokens of one sign-in. `version` counts refreshes; `lease` is who refreshes now, until `lease_until`."""

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="grants", verbose_name=_("identity"))
    tokens = models.TextField(editable=False, blank=True)
    scope = models.TextField(_("scope"), blank=True)
    expires_at = models.FloatField(_("access token expires"), help_text=_("Seconds since 1970."))
    version = models.PositiveIntegerField(default=0, editable=False)
    lease = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.FloatField(default=0, editable=False)
    dead_reason = models.CharField(_("ended because"), max_length=100, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("token grant")
        verbose_name_plural = _("token grants")
        indexes = (models.Index(fields=["updated"], name="codeflow_grant_updated"),)

    def __str__(self) -> str:
        return f"grant {self.pk}"

    @property
    def held(self) -> HeldTokens | None:
        """The tokens, or None where there are none or no key of TOKEN_KEYS opens them."""
        try:
            return HeldTokens(**json.loads(sealer(TOKEN_PURPOSE).open(self.tokens, bound_to=_owner(self.identity_id))))
        except SealBroken:
            return None

    @property
    def is_sealed_anew(self) -> bool:
        """Whether the first of TOKEN_KEYS sealed the tokens."""
        try:
            sealer(TOKEN_PURPOSE, first_key_alone=True).open(self.tokens, bound_to=_owner(self.identity_id))
        except SealBroken:
            return False
        return True


def sealed_tokens(held: HeldTokens, identity_id: int) -> str:
    """The value of a grant's `tokens` column; it opens in rows of the same identity alone."""
    return sealer(TOKEN_PURPOSE).seal(json.dumps(asdict(held)).encode(), bound_to=_owner(identity_id))


def _owner(identity_id: int) -> bytes:
    return f"identity {identity_id}".encode()


class RPSession(models.Model):
    """One browser session that began with a sign-in here. The session itself holds this row's key and no token."""

    session_key_hash = models.CharField(max_length=64, db_index=True, editable=False)
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("identity")
    )
    grant = models.ForeignKey(
        TokenGrant, on_delete=models.SET_NULL, null=True, related_name="sessions", verbose_name=_("token grant")
    )
    issuer = models.CharField(_("issuer"), max_length=2000)
    sid = models.CharField(_("session at the provider"), max_length=255, blank=True, db_index=True)
    acr = models.CharField(_("authentication class"), max_length=255, blank=True)
    auth_time = models.BigIntegerField(_("authenticated"), null=True, help_text=_("Seconds since 1970."))
    id_token_exp = models.BigIntegerField(_("ID token expires"), help_text=_("Seconds since 1970."))
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = (models.Index(fields=["created"], name="codeflow_sign_in_created"),)

    def __str__(self) -> str:
        return f"session {self.pk}"


def session_key_hash(session_key: str | None) -> str:
    """What the index keeps of a session's key: enough to find it, useless to steal it."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()


class UsedLogoutToken(models.Model):
    """A logout token that was used; a table, so that the mark outlives a flushed cache (Back-Channel Logout 2.6)."""

    jti = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of issuer and jti."))
    expires_at = models.BigIntegerField(db_index=True)

    class Meta:
        verbose_name = _("used logout token")
        verbose_name_plural = _("used logout tokens")

    def __str__(self) -> str:
        return self.jti
