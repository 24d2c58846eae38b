"""settings.CODEFLOW_RELYING_PARTY, typed, and read at each access, so that override_settings works.

PUBLIC_URL       scheme://host[:port] of this site; taken from the request where it is empty
TOKEN_KEYS       the first encrypts, all decrypt; default: SECRET_KEY and SECRET_KEY_FALLBACKS
CACHE            alias of a cache that all processes share; default "default"
KEEP_SESSION_KEYS  what an anonymous session keeps when somebody signs in; default nothing
SESSION_SECONDS  how long a sign-in lasts at most, however busy its session is; default 30 days
PROVIDERS        name → issuer, client_id, client_secret and the optional keys of PROVIDER_KEYS
"""

import time
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.utils.module_loading import import_string

from codeflow.core.sealing import Sealer
from codeflow.http import Door
from codeflow.relying_party.errors import ConfigurationError
from codeflow.relying_party.flow.configuration import Outside, Provider

KEYS = ("PUBLIC_URL", "TOKEN_KEYS", "CACHE", "KEEP_SESSION_KEYS", "SESSION_SECONDS", "PROVIDERS")
REQUIRED_KEYS = ("issuer", "client_id")
HOOKS = ("on_identity", "username", "update_user")
_TEXT_KEYS = ("issuer", "client_id", "client_secret", "label", "scope", "prompt", "token_endpoint_auth_method")
_LIST_KEYS = ("required_scope", "id_token_signing_alg_values", "trusted_audiences")
_NUMBER_KEYS = ("leeway", "max_iat_age")
PROVIDER_KEYS = (*_TEXT_KEYS, *_LIST_KEYS, *_NUMBER_KEYS, "apis", "userinfo", "link", *HOOKS)

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
        return _provider(name, self._providers[name], http_loopback=settings.DEBUG)

    def hook(self, provider: str, name: str) -> Hook | None:
        """The provider's callable for `name` (one of HOOKS), given as such or as a dotted path."""
        value = self._providers[provider].get(name)
        return import_string(value) if isinstance(value, str) else value

    def label(self, name: str) -> str:
        """What people read for `name`; never fails, for error pages need it too."""
        entry = self._providers.get(name)
        return str(entry.get("label") or name) if isinstance(entry, Mapping) else name

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


def outside() -> Outside:
    """The world as this site's settings see it."""
    return Outside(door=Door(allow_http_loopback=settings.DEBUG), cache=caches[conf.cache], clock=time.time)


def sealer(purpose: str) -> Sealer:
    """Seals for one purpose under the first of TOKEN_KEYS, opens what any of them sealed."""
    return _sealer(conf.token_keys, purpose)


@lru_cache(maxsize=16)
def _sealer(keys: tuple[str, ...], purpose: str) -> Sealer:
    return Sealer(keys, purpose=purpose)


def problems_of(name: str, entry: Any) -> list[tuple[str, str]]:
    """What is wrong with one entry of PROVIDERS: (what, hint)."""
    if not isinstance(entry, Mapping):
        return [("it is no dictionary", "Give it at least issuer, client_id and client_secret.")]
    found = [(f"{key} is missing", f'Add "{key}".') for key in REQUIRED_KEYS if not entry.get(key)]
    for key in entry:
        if key not in PROVIDER_KEYS:
            found.append((f"{key} is not a known key", f"Remove it{did_you_mean(key, PROVIDER_KEYS)}."))
        elif problem := _type_problem(key, entry[key]):
            found.append((f"{key} {problem}", "Correct its type."))
    if entry.get("link", "never") != "never":
        found.append(("link can only be never", 'Remove it, or write "link": "never".'))
    return found


def did_you_mean(name: object, known: Iterable[str]) -> str:
    close = get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _type_problem(key: str, value: Any) -> str:
    if key in _TEXT_KEYS and not isinstance(value, str):
        return "must be text"
    if key in _LIST_KEYS and not _is_list_of_text(value):
        return "must be a list of text"
    if key in _NUMBER_KEYS and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        return "must be a number of seconds"
    if key == "apis" and not (isinstance(value, Mapping) and _is_list_of_text([*value, *value.values()])):
        return "must map names to addresses"
    if key == "userinfo" and not isinstance(value, bool):
        return "must be True or False"
    if key in HOOKS and not (callable(value) or isinstance(value, str)):
        return "must be a callable or a dotted path"
    return ""


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _provider(name: str, entry: Mapping[str, Any], *, http_loopback: bool) -> Provider:
    problems = problems_of(name, entry)
    if problems:
        raise ConfigurationError("configuration.provider", f"provider {name!r}: {problems[0][0]}")
    values = {key: value for key, value in entry.items() if key not in (*HOOKS, "link")}
    for key in _LIST_KEYS:
        if key in values:
            values[key] = tuple(values[key])
    values["apis"] = MappingProxyType(dict(values.get("apis", {})))
    values.setdefault("label", name)
    return Provider(name=name, http_loopback=http_loopback, **values)
