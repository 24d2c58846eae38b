"""Who may ask: clients and their secrets.

RFC 6749 2; RFC 7591 2; OIDC Registration 2. DOT's AbstractApplication in the specs' words, without its one secret column, its
grant type and its HS256.
"""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from codeflow.core.redirect_uri_advice import redirect_uri_warnings, twin_warnings
from codeflow.core.uri_notes import UriNote
from codeflow.core.uris import redirect_uri_matches, split_uri
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import client_rules
from codeflow.provider.models.client_profile import ClientProfile
from codeflow.provider.models.client_rules import NO_ID_TOKENS

_DEFAULT_SCOPE = ("openid", "profile", "email", "address", "phone", "offline_access")

_CLIENT_ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def default_scope() -> str:
    """What a client may ask for unless told otherwise: who the person is, and no scope of an API."""
    return " ".join(scope for scope in _DEFAULT_SCOPE if scope in provider_settings.scopes)


def new_client_id() -> str:
    """A public identifier that is easy to read out: 20 letters and digits, none of which look alike."""
    return "".join(secrets.choice(_CLIENT_ID_ALPHABET) for _ in range(20))


class TokenEndpointAuthMethod(models.TextChoices):
    """How a client authenticates (OIDC Core 9). Empty: either way of sending the secret."""

    ANY = "", _("either way of sending the secret")
    CLIENT_SECRET_BASIC = "client_secret_basic", "client_secret_basic"
    CLIENT_SECRET_POST = "client_secret_post", "client_secret_post"
    NONE = "none", _("none: a public client")


class SubjectType(models.TextChoices):
    """Whether clients can compare notes about a person (OIDC Core 8)."""

    PUBLIC = "public", _("public: the same for every client")
    PAIRWISE = "pairwise", _("pairwise: another one for each site")


class AccessTokenFormat(models.TextChoices):
    OPAQUE = "opaque", _("opaque: a random reference")
    JWT = "jwt", _("JWT: readable by resource servers (RFC 9068)")


class RefreshTokenPolicy(models.TextChoices):
    """What a request without `openid` gets; with `openid` the scope offline_access alone decides (OIDC Core 11)."""

    ALWAYS = "always", _("always")
    OFFLINE_ACCESS = "offline_access", _("only with the scope offline_access")
    NEVER = "never", _("never")


class SetOnceField(models.BooleanField):  # type: ignore[type-arg]  # django-stubs gives it the types of BooleanField
    """Once True, it stays: saving an instance that was read before leaves the column as it is."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        return value if add or value else models.F(self.attname)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BooleanField", args, kwargs


class Client(AbstractApplication, ClientProfile):  # type: ignore[django-manager-missing]  # DOT ships no types for what refers to it
    """A registered client. `client_id` is its key; its secrets are rows of their own."""

    client_secret = None
    hash_client_secret = None
    authorization_grant_type = None
    algorithm = None
    registration_source = None
    cimd_expires_at = None

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    client_id = models.CharField(_("client ID"), max_length=255, unique=True, default=new_client_id)
    is_active = models.BooleanField(_("active"), default=True)
    scope = models.TextField(_("scope"), default=default_scope, help_text=_("What it may ask for, space separated."))
    pkce_required = models.BooleanField(_("PKCE required"), default=True)
    token_endpoint_auth_method = models.CharField(
        _("authentication method"), max_length=32, blank=True, default="", choices=TokenEndpointAuthMethod.choices
    )
    id_token_signed_response_alg = models.CharField(_("ID token algorithm"), max_length=16, blank=True, default="")
    access_token_format = models.CharField(
        _("access token format"), max_length=16, choices=AccessTokenFormat.choices, default=AccessTokenFormat.OPAQUE
    )
    refresh_token_policy = models.CharField(
        _("refresh tokens without openid"),
        max_length=16,
        choices=RefreshTokenPolicy.choices,
        default=RefreshTokenPolicy.ALWAYS,
    )
    access_token_lifetime = models.PositiveIntegerField(
        _("access token lifetime"), null=True, blank=True, help_text=_("Seconds. Empty: the server's setting.")
    )
    userinfo_signed_response_alg = models.CharField(
        _("userinfo algorithm"), max_length=16, blank=True, default="", help_text=_("Empty: plain JSON.")
    )
    subject_type = models.CharField(
        _("subject type"), max_length=16, choices=SubjectType.choices, default=SubjectType.PUBLIC
    )
    sector_identifier = models.CharField(
        _("sector identifier"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("Host that pairwise subjects are made for. Empty: the host of the redirect URIs."),
    )
    backchannel_logout_uri = models.CharField(_("back-channel logout URI"), max_length=2000, blank=True, default="")
    frontchannel_logout_uri = models.CharField(_("front-channel logout URI"), max_length=2000, blank=True, default="")
    subjects_given = SetOnceField(default=False, editable=False)
    """Somebody has got a code with it: what its subjects are made from can change no more (OIDC Core 8)."""
    may_introspect = models.BooleanField(
        _("may introspect others' tokens"), default=False, help_text=_("For resource servers (RFC 7662).")
    )

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        permissions = (("rotate_secret", _("Can rotate a client's secret")),)

    def __str__(self) -> str:
        return self.name or self.client_id

    @property
    def is_public(self) -> bool:
        return self.client_type == self.CLIENT_PUBLIC

    @property
    def needs_pkce(self) -> bool:
        """A public client is never exempt (RFC 9700 2.1.1)."""
        return self.pkce_required or self.is_public

    @property
    def allowed_scopes(self) -> frozenset[str]:
        return frozenset(self.scope.split())

    @property
    def signing_algorithm(self) -> str:
        """What signs its ID tokens, where it gets any, and its JWT access tokens."""
        chosen = self.id_token_signed_response_alg
        return provider_settings.signing_algorithms[0] if chosen in ("", NO_ID_TOKENS) else chosen

    def identity_assured(self, redirect_uri: str) -> bool:
        """A public client is only known by its redirect_uri, and only an https one proves it (RFC 8252 8.6)."""
        return not self.is_public or redirect_uri.startswith("https://")

    @property
    def sector(self) -> str:
        """The host that pairwise subjects are made for, "" where it is ambiguous (OIDC Core 8.1)."""
        hosts = {parts.hostname or "" for uri in self.redirect_uris.split() if (parts := split_uri(uri))}
        return self.sector_identifier or (hosts.pop() if len(hosts) == 1 else "")

    @property
    def subject_sector(self) -> str:
        """`sector` where subjects depend on it."""
        return self.sector if self.subject_type == SubjectType.PAIRWISE else ""

    def get_allowed_schemes(self) -> list[str]:
        """The schemes DOT's redirect may use: those of the registered URIs."""
        return sorted({parts.scheme for uri in self.redirect_uris.split() if (parts := split_uri(uri))})

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Simple string comparison (RFC 9700 2.1)."""
        return redirect_uri_matches(uri, self.redirect_uris.split(), public_client=self.is_public)

    def redirect_uri_warnings(self) -> list[UriNote]:
        """What its redirect URIs may hold by mistake, and may hold all the same."""
        uris = self.redirect_uris.split()
        return [*(found for uri in uris for found in redirect_uri_warnings(uri)), *twin_warnings(uris)]

    def post_logout_redirect_uri_allowed(self, uri: str) -> bool:
        """Simple string comparison (RP-Initiated Logout 3)."""
        return uri in self.post_logout_redirect_uris.split()

    def allows_grant_type(self, *grant_types: str) -> bool:
        return self.GRANT_AUTHORIZATION_CODE in grant_types

    def is_usable(self, request: object) -> bool:
        return self.is_active

    def get_absolute_url(self) -> str:
        raise AttributeError("clients are managed in the admin")  # DOT's self-service pages are not mounted

    def clean(self) -> None:
        """Every problem on the field it belongs to, each with a code. Raises ValidationError."""
        before = Client.objects.filter(pk=self.pk).first() if self.pk else None
        found = {name: errors for name, errors in client_rules.problems_of(self, before).items() if errors}
        if found:
            raise ValidationError(found)


class ClientSecret(models.Model):
    """One of a client's secrets: only a hash and the last characters are kept. Several at once make rotation possible."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="secrets", verbose_name=_("client"))
    hash = models.CharField(_("hash"), max_length=255)
    hint = models.CharField(_("ends in"), max_length=8)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    expires = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used = models.DateTimeField(_("last used"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )

    class Meta:
        verbose_name = _("client secret")
        verbose_name_plural = _("client secrets")

    def __str__(self) -> str:
        return f"…{self.hint}"

    def is_live(self, now: datetime | None = None) -> bool:
        return self.expires is None or self.expires > (now or timezone.now())
