"""Typed settings, read at access so that `override_settings` works live.

`OAUTH2_PROVIDER` is the place for whatever DOT has a key for; `CODEFLOW_PROVIDER` holds the rest:

    REFRESH_TOKEN_ABSOLUTE_SECONDS  a grant ends this long after its code was redeemed, however often refreshed (180 days)
    REFRESH_TOKEN_RETRY_SECONDS     how long an honest retry of a refresh gets the same successor (60)
    CACHE_SECONDS                   how long a process may answer from what it knows of a client or key (5)
    SIGNING_ALGORITHMS              algorithms a client may choose; the first is the default (RS256, ES256, EdDSA, PS256)
    KEY_STORE                       "database", "file:/path/to/keys.pem" or "env:NAME" (PEM; the first of each kind signs)
    KEY_ROTATION_SECONDS            a signing key signs this long (90 days)
    KEY_PUBLISH_SECONDS             a key is published this long before it signs, and after (24 hours)
    USER_CLAIMS                     callable or dotted path (user) -> mapping of claims, added to those of Django's user model
    SUBJECT                         callable or dotted path (user, client) -> sub; default str(user.pk)
    AUTHENTICATION_CONTEXT          callable or dotted path (request, user) -> {"acr": str, "amr": [str]} at sign-in
    ACR_VALUES                      the acr values that AUTHENTICATION_CONTEXT may give (["1"]: signed in with a password)
    LOGOUT_PRIVATE_ADDRESSES        whether logout tokens may go to private and loopback addresses (False)
    RESOURCES                       the resource URIs tokens may be asked for (RFC 8707); none by default
    SCOPE_DETAILS                   scope -> {"more": str, "group": str, "sensitive": bool}: what the consent page says beside SCOPES
    CONTACT                         e-mail or web address of the people who run this server; error pages name it
    CACHE                           the alias in CACHES where failures are counted, shared by all processes ("default")
    RATE_LIMITS                     name -> (failures, seconds) or None; what is not named keeps its default, see RATE_LIMITS
    TRUSTED_PROXIES                 how many proxies in front append to X-Forwarded-For; 0 believes the connection alone (0)
    SESSION_SECONDS                 a browser signs in again this long after its session's first code, however busy (30 days)
    AUDIT_RETENTION_SECONDS         how long audit rows are kept (365 days)
    ADMIN_PASSWORD_SECONDS          staff give their password again for secrets and keys, this long after the last time (15
                                    minutes); None never asks
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.utils.timezone import get_default_timezone, make_naive
from oauth2_provider.settings import oauth2_settings

DEFAULTS: Mapping[str, Any] = {
    "REFRESH_TOKEN_ABSOLUTE_SECONDS": 180 * 24 * 3600,
    "REFRESH_TOKEN_RETRY_SECONDS": 60,
    "CACHE_SECONDS": 5,
    "SIGNING_ALGORITHMS": ["RS256", "ES256", "EdDSA", "PS256"],
    "KEY_STORE": "database",
    "KEY_ROTATION_SECONDS": 90 * 24 * 3600,
    "KEY_PUBLISH_SECONDS": 24 * 3600,
    "USER_CLAIMS": None,
    "SUBJECT": None,
    "AUTHENTICATION_CONTEXT": None,
    "ACR_VALUES": ["1"],
    "LOGOUT_PRIVATE_ADDRESSES": False,
    "RESOURCES": [],
    "SCOPE_DETAILS": {},
    "CONTACT": "",
    "CACHE": "default",
    "RATE_LIMITS": {},
    "TRUSTED_PROXIES": 0,
    "SESSION_SECONDS": 30 * 24 * 3600,
    "AUDIT_RETENTION_SECONDS": 365 * 24 * 3600,
    "ADMIN_PASSWORD_SECONDS": 15 * 60,
}

RATE_LIMITS: Mapping[str, tuple[int, int] | None] = {
    "client_at_address": (20, 60),  # wrong secrets of one client from one address: the pair waits
    "address": (100, 60),  # wrong secrets from one address, whoever's: the address waits
    "client": (300, 60),  # wrong secrets of one client, from anywhere: wrong ones wait, the right one passes
    "guess": (600, 60),  # unknown codes and tokens from one address: unknown ones wait, live ones pass
    "login_at_address": (10, 300),  # wrong passwords of one account from one address: the pair waits
    "login_address": (100, 300),  # wrong passwords from one address: the address waits
    "audit": (20, 60),  # rows for refusals of one kind from one address; then one row per doubling
}
"""Failures and the seconds they are counted in."""


def moment(seconds: float) -> datetime:
    """Seconds since the epoch as this site keeps its times: aware, or naive local time where USE_TZ is off."""
    aware = datetime.fromtimestamp(seconds, UTC)
    return aware if settings.USE_TZ else make_naive(aware, get_default_timezone())


class ProviderSettings:
    """Attribute access to both settings dicts."""

    @property
    def issuer(self) -> str:
        """The issuer identifier, exactly as it stands in OAUTH2_PROVIDER["OIDC_ISS_ENDPOINT"]."""
        issuer: str = oauth2_settings.OIDC_ISS_ENDPOINT
        if not issuer:
            raise ImproperlyConfigured(
                "Name the issuer in settings.py, below `from codeflow.provider.defaults import *`: "
                'OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://your.host/o"}'
            )
        return issuer

    @property
    def scopes(self) -> Mapping[str, str]:
        """Every scope this server knows, with what the consent page says of it."""
        scopes: Mapping[str, str] = oauth2_settings.SCOPES
        return scopes

    @property
    def default_scopes(self) -> tuple[str, ...]:
        """What a request without `scope` asks for; () refuses it. DOT's "__all__" counts as nothing (RFC 6749 3.3)."""
        return tuple(scope for scope in oauth2_settings.DEFAULT_SCOPES if scope in self.scopes)

    @property
    def code_lifetime(self) -> timedelta:
        return timedelta(seconds=oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS)

    @property
    def access_token_lifetime(self) -> timedelta:
        return timedelta(seconds=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS)

    @property
    def id_token_lifetime(self) -> timedelta:
        return timedelta(seconds=oauth2_settings.ID_TOKEN_EXPIRE_SECONDS)

    @property
    def refresh_token_lifetime(self) -> timedelta:
        """How long a refresh token lives unused; never longer than the absolute lifetime."""
        seconds = oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS
        return self.refresh_token_absolute_lifetime if seconds is None else timedelta(seconds=seconds)

    @property
    def refresh_token_absolute_lifetime(self) -> timedelta:
        return self._seconds("REFRESH_TOKEN_ABSOLUTE_SECONDS")

    @property
    def refresh_token_retry(self) -> timedelta:
        return self._seconds("REFRESH_TOKEN_RETRY_SECONDS")

    @property
    def cache_seconds(self) -> float:
        return float(self._own("CACHE_SECONDS"))

    @property
    def signing_algorithms(self) -> tuple[str, ...]:
        return tuple(self._own("SIGNING_ALGORITHMS"))

    @property
    def key_store(self) -> str:
        return str(self._own("KEY_STORE"))

    @property
    def acr_values(self) -> tuple[str, ...]:
        return tuple(self._own("ACR_VALUES"))

    @property
    def logout_private_addresses(self) -> bool:
        return bool(self._own("LOGOUT_PRIVATE_ADDRESSES"))

    @property
    def key_rotation(self) -> timedelta:
        return self._seconds("KEY_ROTATION_SECONDS")

    @property
    def key_publish(self) -> timedelta:
        return self._seconds("KEY_PUBLISH_SECONDS")

    @property
    def resources(self) -> frozenset[str]:
        return frozenset(self._own("RESOURCES"))

    @property
    def cache(self) -> str:
        return str(self._own("CACHE"))

    @property
    def trusted_proxies(self) -> int:
        return int(self._own("TRUSTED_PROXIES"))

    @property
    def session_lifetime(self) -> timedelta:
        return self._seconds("SESSION_SECONDS")

    @property
    def audit_retention(self) -> timedelta:
        return self._seconds("AUDIT_RETENTION_SECONDS")

    @property
    def admin_password_seconds(self) -> float | None:
        seconds = self._own("ADMIN_PASSWORD_SECONDS")
        return None if seconds is None else float(seconds)

    def rate_limit(self, name: str) -> tuple[int, int] | None:
        """Failures and seconds of one of RATE_LIMITS; None where the site counts no such failures."""
        limit = {**RATE_LIMITS, **self._own("RATE_LIMITS")}[name]
        return (int(limit[0]), int(limit[1])) if limit else None

    @property
    def scope_details(self) -> Mapping[str, Mapping[str, Any]]:
        details: Mapping[str, Mapping[str, Any]] = self._own("SCOPE_DETAILS")
        return details

    @property
    def contact(self) -> str:
        return str(self._own("CONTACT"))

    @property
    def user_claims(self) -> Callable[..., Mapping[str, Any]] | None:
        return self._callable("USER_CLAIMS")

    @property
    def subject(self) -> Callable[..., str] | None:
        return self._callable("SUBJECT")

    @property
    def authentication_context(self) -> Callable[..., Mapping[str, Any]] | None:
        return self._callable("AUTHENTICATION_CONTEXT")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What keys of ours are derived from: SECRET_KEY seals, its fallbacks still open."""
        return (settings.SECRET_KEY, *(str(key) for key in settings.SECRET_KEY_FALLBACKS))

    def unknown_keys(self) -> dict[str, str]:
        """Keys of CODEFLOW_PROVIDER that mean nothing → the key that was probably meant, or ""."""
        given = getattr(settings, "CODEFLOW_PROVIDER", {})
        return {key: next(iter(get_close_matches(key, DEFAULTS, 1)), "") for key in given if key not in DEFAULTS}

    def _own(self, key: str) -> Any:
        return getattr(settings, "CODEFLOW_PROVIDER", {}).get(key, DEFAULTS[key])

    def _seconds(self, key: str) -> timedelta:
        return timedelta(seconds=self._own(key))

    def _callable(self, key: str) -> Any:
        value = self._own(key)
        return import_string(value) if isinstance(value, str) else value


provider_settings = ProviderSettings()
