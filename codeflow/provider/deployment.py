"""What `manage.py check --deploy` says of a provider that others can reach, beside Django's own checks; and of its limits, always.

`register_checks` is called when the app is ready. docs/reference/checks.md lists every id.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.cache import InvalidCacheBackendError, caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.http.request import validate_host

from codeflow.core.uris import split_uri
from codeflow.provider.conf import DEFAULTS, RATE_LIMITS

PREFIX = "codeflow_provider"

WEAK_HASHERS = ("MD5", "SHA1", "Crypt")


def register_checks() -> None:
    """Called from ProviderConfig.ready."""
    register(check_limits)
    for check in DEPLOYMENT_CHECKS:
        register(check, Tags.security, deploy=True)


def check_limits(**kwargs: object) -> Iterator[CheckMessage]:
    """CACHE, RATE_LIMITS and TRUSTED_PROXIES are what they should be."""
    try:
        caches[str(_own("CACHE"))]
    except InvalidCacheBackendError:
        yield Error("CODEFLOW_PROVIDER['CACHE'] names no cache.", hint="Name one of CACHES.", id=f"{PREFIX}.E021")
    limits: Any = _own("RATE_LIMITS")
    for name, limit in limits.items() if isinstance(limits, Mapping) else [("RATE_LIMITS", 0)]:
        if name not in RATE_LIMITS or not _is_limit(limit):
            hint = f'"RATE_LIMITS": {{"address": (100, 60)}}: failures and seconds, or None. Names: {", ".join(RATE_LIMITS)}.'
            message = f"CODEFLOW_PROVIDER['RATE_LIMITS']: {name!r} is no limit."
            yield Error(message, hint=hint, id=f"{PREFIX}.E022")
    proxies = _own("TRUSTED_PROXIES")
    if not isinstance(proxies, int) or isinstance(proxies, bool) or proxies < 0:
        hint = '"TRUSTED_PROXIES": 1 where one proxy of yours appends to X-Forwarded-For.'
        yield Error("CODEFLOW_PROVIDER['TRUSTED_PROXIES'] is no number.", hint=hint, id=f"{PREFIX}.E023")


def check_shared_cache(**kwargs: object) -> Iterator[CheckMessage]:
    """A count that each process keeps for itself lets an attacker guess once more for each process."""
    alias = str(_own("CACHE"))
    if alias in settings.CACHES and isinstance(caches[alias], (LocMemCache, DummyCache)):
        hint = f'CACHES["{alias}"] = {{"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": …}}'
        message = "Wrong secrets and passwords are counted in a cache that processes do not share."
        yield Caution(message, hint=hint, id=f"{PREFIX}.W101")


def check_proxies(**kwargs: object) -> Iterator[CheckMessage]:
    """Behind a proxy that is not counted, everybody has the proxy's address and shares one limit."""
    if (settings.SECURE_PROXY_SSL_HEADER or settings.USE_X_FORWARDED_HOST) and not _own("TRUSTED_PROXIES"):
        hint = 'CODEFLOW_PROVIDER = {"TRUSTED_PROXIES": 1}: how many proxies of yours append to X-Forwarded-For.'
        message = "This site stands behind a proxy, and takes the proxy's address for everybody's."
        yield Caution(message, hint=hint, id=f"{PREFIX}.W102")


def check_limits_are_on(**kwargs: object) -> Iterator[CheckMessage]:
    limits: Any = _own("RATE_LIMITS")
    off = [name for name, limit in limits.items() if limit is None] if isinstance(limits, Mapping) else []
    if off:
        hint = "Raise them instead, unless something in front of this site counts failures."
        message = f"CODEFLOW_PROVIDER['RATE_LIMITS'] turns off {', '.join(off)}."
        yield Caution(message, hint=hint, id=f"{PREFIX}.W103")


def check_private_addresses(**kwargs: object) -> Iterator[CheckMessage]:
    """Whoever registers a client then makes this server POST into its own network (CWE-918)."""
    if _own("LOGOUT_PRIVATE_ADDRESSES"):
        hint = "Leave LOGOUT_PRIVATE_ADDRESSES out, unless every client's logout URI is yours."
        message = "Logout tokens may be sent to private and loopback addresses."
        yield Caution(message, hint=hint, id=f"{PREFIX}.W104")


def check_sql_log(**kwargs: object) -> Iterator[CheckMessage]:
    """SQL is logged with its values: hashes, addresses of people, sealed keys."""
    if logging.getLogger("django.db.backends").getEffectiveLevel() <= logging.DEBUG:
        hint = 'Set the level of the logger "django.db.backends" to INFO.'
        yield Caution("SQL statements are logged with their values.", hint=hint, id=f"{PREFIX}.W105")


def check_password_hashers(**kwargs: object) -> Iterator[CheckMessage]:
    first = str(settings.PASSWORD_HASHERS[0]).rpartition(".")[2] if settings.PASSWORD_HASHERS else ""
    if not first or any(weak in first.replace("PBKDF2SHA1", "") for weak in WEAK_HASHERS):
        hint = "Remove PASSWORD_HASHERS, or put Argon2PasswordHasher first."
        yield Caution(f"New passwords are kept with {first or 'no hasher'}.", hint=hint, id=f"{PREFIX}.W106")


def check_issuer_host(**kwargs: object) -> Iterator[CheckMessage]:
    """Who follows the metadata comes by the issuer's host; Django refuses hosts it does not know."""
    issuer = split_uri(str((getattr(settings, "OAUTH2_PROVIDER", None) or {}).get("OIDC_ISS_ENDPOINT") or ""))
    if issuer is not None and not validate_host(issuer.hostname or "", settings.ALLOWED_HOSTS):
        hint = f'ALLOWED_HOSTS = ["{issuer.hostname}"]'
        message = f"The issuer's host {issuer.hostname!r} is not among ALLOWED_HOSTS."
        yield Caution(message, hint=hint, id=f"{PREFIX}.W107")


DEPLOYMENT_CHECKS = (
    check_shared_cache,
    check_proxies,
    check_limits_are_on,
    check_private_addresses,
    check_sql_log,
    check_password_hashers,
    check_issuer_host,
)


def _own(key: str) -> Any:
    return getattr(settings, "CODEFLOW_PROVIDER", {}).get(key, DEFAULTS[key])


def _is_limit(limit: Any) -> bool:
    return limit is None or (
        isinstance(limit, (tuple, list))
        and len(limit) == 2
        and all(isinstance(part, int) and part > 0 for part in limit)
    )
