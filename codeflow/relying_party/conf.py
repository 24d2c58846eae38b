"""settings.CODEFLOW_RELYING_PARTY, typed, and read at each access, so that override_settings works.

PUBLIC_URL       scheme://host[:port] of this site; taken from the request where it is empty
TOKEN_KEYS       the first encrypts, all decrypt; default: SECRET_KEY and SECRET_KEY_FALLBACKS
CACHE            alias of a cache that all processes share; default "default"
KEEP_SESSION_KEYS  what an anonymous session keeps when somebody signs in; default nothing
SESSION_SECONDS  how long a sign-in lasts at most, however busy its session is; default 30 days
PROVIDERS        name → issuer, client_id, client_secret and the optional keys of entries.PROVIDER_KEYS
"""

import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.timezone import get_default_timezone, make_naive

from codeflow.core.sealing import Sealer
from codeflow.http import Door
from codeflow.relying_party.entries import did_you_mean, provider_of
from codeflow.relying_party.errors import ConfigurationError
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.presets import with_preset
from codeflow.relying_party.shared_cache import SpareCache

DEADLINE = 10.0
"""Seconds for everything that one callback asks of a provider."""

KEYS = ("PUBLIC_URL", "TOKEN_KEYS", "CACHE", "KEEP_SESSION_KEYS", "SESSION_SECONDS", "PROVIDERS")
THIRTY_DAYS = 30 * 24 * 3600

Hook = Callable[..., Any]


class RelyingPartySettings:
    """Typed access; raises ConfigurationError where a value cannot be used. The system checks find the same earlier."""

    @property
    def public_url(self) -> str:
        return str(self._get("PUBLIC_URL", "")).rstrip("/")

    @property
    def token_keys(self) -> tuple[str, ...]:
        keys = tuple(self._get("TOKEN_KEYS", ()))
        return keys or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)

    @property
    def cache(self) -> str:
        return str(self._get("CACHE", "default"))

    @property
    def keep_session_keys(self) -> tuple[str, ...]:
        return tuple(self._get("KEEP_SESSION_KEYS", ()))

    @property
    def session_seconds(self) -> int:
        return int(self._get("SESSION_SECONDS", THIRTY_DAYS))

    @property
    def provider_names(self) -> tuple[str, ...]:
        return tuple(self._providers)

    def provider(self, name: str) -> Provider:
        """The provider called `name`. Raises ConfigurationError where there is none or it is incomplete."""
        if name not in self._providers:
            raise ConfigurationError("configuration.provider", f"there is no provider {name!r}{self.guess(name)}")
        return provider_of(name, self._providers[name], http_loopback=settings.DEBUG)

    def hook(self, provider: str, name: str) -> Hook | None:
        """The provider's callable for `name` (one of entries.HOOKS), given as such or as a dotted path."""
        value = self._providers[provider].get(name)
        return import_string(value) if isinstance(value, str) else value

    def groups(self, provider: str) -> Mapping[str, Any]:
        """The rules that give groups and flags; empty where there are none."""
        rules: Mapping[str, Any] = self._providers[provider].get("groups", {})
        return rules

    def requires_email(self, provider: str) -> bool:
        """Whether nobody gets an account here without an e-mail address that the provider has verified."""
        return bool(self._providers[provider].get("require_email", False))

    def may_link(self, provider: str) -> bool:
        """Whether people may link an account there to the one they have here."""
        return self._providers[provider].get("link") == "ask"

    def label(self, name: str) -> str:
        """What people read for `name`; never fails, for error pages need it too."""
        entry = self._providers.get(name)
        return str(with_preset(entry).get("label") or name) if isinstance(entry, Mapping) else name

    def entry(self, name: str) -> Mapping[str, Any]:
        """What the settings say of a provider, as it is written there; empty where it is no dictionary."""
        entry = self._providers.get(name)
        return entry if isinstance(entry, Mapping) else {}

    def guess(self, name: str) -> str:
        return did_you_mean(name, self._providers)

    def raw(self) -> Mapping[str, Any]:
        return getattr(settings, "CODEFLOW_RELYING_PARTY", {})

    @property
    def _providers(self) -> Mapping[str, Mapping[str, Any]]:
        providers: Mapping[str, Mapping[str, Any]] = self._get("PROVIDERS", {})
        return providers

    def _get(self, key: str, default: Any) -> Any:
        return self.raw().get(key, default)


conf = RelyingPartySettings()


def outside(provider: Provider | None = None, *, together: bool = False) -> Outside:
    """The world as this site's settings see it. `together`: all calls share one deadline, so that several slow answers do
    not hold a worker for the sum of theirs.

    A provider for many tenants writes the tenants' part of its addresses itself: it is not led to private ones.
    """
    is_foreign = provider is not None and bool(provider.tenants)
    until = time.monotonic() + DEADLINE if together else math.inf
    door = Door(allow_http_loopback=settings.DEBUG, public_addresses_only=is_foreign, until=until)
    return Outside(door=door, cache=SpareCache(conf.cache), clock=time.time)


def moment_of(seconds: float) -> datetime:
    """Seconds since 1970 as this site keeps its times: aware, or naive local time where USE_TZ is off."""
    aware = datetime.fromtimestamp(seconds, UTC)
    return aware if settings.USE_TZ else make_naive(aware, get_default_timezone())


def sealer(purpose: str, *, first_key_alone: bool = False) -> Sealer:
    """Seals for one purpose under the first of TOKEN_KEYS, opens what any of them (or the first alone) sealed."""
    return _sealer(conf.token_keys[:1] if first_key_alone else conf.token_keys, purpose)


@lru_cache(maxsize=16)
def _sealer(keys: tuple[str, ...], purpose: str) -> Sealer:
    return Sealer(keys, purpose=purpose)
