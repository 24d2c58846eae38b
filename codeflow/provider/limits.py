"""How often somebody may fail: failures counted in Django's cache, by client and by address.

RFC 6749 2.3.1, 10.10; RFC 7662 4; RFC 6585 4. Who is over a limit waits at most until the window that began with the first failure ends.
Success is never counted. Without the cache each process counts by itself: guesses stay limited, honest requests go on.
"""

import hashlib
import logging
import time
import unicodedata
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, TypeVar

from django.core.cache import BaseCache, caches
from django.core.cache.backends.locmem import LocMemCache

from codeflow.provider.addresses import client_address, neighbourhood
from codeflow.provider.conf import provider_settings

CLIENT_AT_ADDRESS, ADDRESS, CLIENT, GUESS = "client_at_address", "address", "client", "guess"
LOGIN_AT_ADDRESS, LOGIN_ADDRESS, AUDIT = "login_at_address", "login_address", "audit"

Counted = tuple[str, str]
"""The name of a limit, and who or what is counted under it."""

log = logging.getLogger("codeflow.provider")

_COUNTS = 10**6
"""A count and the second in which its window ends share one number, so that one atomic `incr` moves both."""

CACHE_REST_SECONDS = 10.0
"""How long a cache that failed is left alone: asking it anew each time would cost its timeout each time."""

_LONGEST_NAME = 254
"""Characters of a name to sign in with; Django's form takes no more."""

Found = TypeVar("Found")


def password_guesses(username: str, meta: Mapping[str, Any]) -> list[Counted]:
    """What a wrong password counts against, wherever it is asked for. Names that look alike to people are one account (UAX 15),
    and space around a name is none of it: Django's form takes it away too.
    """
    sender = neighbourhood(client_address(meta))
    name = unicodedata.normalize("NFKC", username.strip()[:_LONGEST_NAME]).casefold()
    return [(LOGIN_AT_ADDRESS, f"{name} {sender}"), (LOGIN_ADDRESS, sender)]


def seconds_to_wait(*counted: Counted) -> int:
    """Seconds until every one of these is below its limit again; 0 where they are. One look into the cache."""
    limits = {_key(one): limit for one in counted if (limit := provider_settings.rate_limit(one[0]))}
    values = _with_cache(lambda cache: cache.get_many(limits)) if limits else {}
    return max((_left(value) for key, value in values.items() if _count(value) >= limits[key][0]), default=0)


def note_failure(*counted: Counted) -> int:
    """Counts one more failure of each. Seconds to wait where one of them has now had more than its limit, else 0."""
    return max((_note(one) for one in counted), default=0)


def count(counted: Counted) -> int:
    """Counts one more and returns which one it is in its window; 0 where the site does not count these."""
    limit = provider_settings.rate_limit(counted[0])
    return _count(_add_one(_key(counted), limit[1])) if limit else 0


def remember(counted: Counted, value: str) -> None:
    """Keeps a word beside a count, as long as its window may last."""
    limit = provider_settings.rate_limit(counted[0])
    if limit:
        _with_cache(lambda cache: cache.set(f"{_key(counted)}:word", value, limit[1]))


def remembered(counted: Counted) -> str:
    found = _with_cache(lambda cache: cache.get(f"{_key(counted)}:word"))
    return str(found or "")


def _note(counted: Counted) -> int:
    name, whom = counted
    limit = provider_settings.rate_limit(name)
    if limit is None:
        return 0
    value = _add_one(_key(counted), limit[1])
    if _count(value) == limit[0]:
        log.warning("Too many failures in %s seconds (%s): %r", limit[1], name, whom)
    return _left(value) if _count(value) > limit[0] else 0


def _add_one(key: str, seconds: int) -> int:
    fresh = (ceil(time.time()) + seconds) * _COUNTS + 1

    def add_one(cache: BaseCache) -> int:
        if cache.add(key, fresh, seconds):
            return fresh
        try:
            value: int = cache.incr(key)
        except ValueError:  # it ended meanwhile
            value = 0
        if _left(value) == 0:  # some caches give a number that is changed a new life
            cache.set(key, fresh, seconds)
            return fresh
        return value

    return _with_cache(add_one)


def _key(counted: Counted) -> str:
    name, whom = counted
    return f"codeflow:{name}:{hashlib.sha256(whom.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _count(value: int) -> int:
    return value % _COUNTS if _left(value) else 0


def _left(value: int) -> int:
    return max(ceil(value // _COUNTS - time.time()), 0)


# The cache, or this process's own counts while it is away.

_own_counts = LocMemCache("codeflow.provider.limits", {"OPTIONS": {"MAX_ENTRIES": 10_000}})
_resting: dict[str, float] = {}


def _with_cache(work: Callable[[BaseCache], Found]) -> Found:
    alias = provider_settings.cache
    if _resting.get(alias, 0.0) <= time.monotonic():
        try:
            return work(caches[alias])
        except Exception as error:  # noqa: BLE001  each kind of cache has errors of its own
            log.error("Failures are counted in this process alone, the cache does not answer: %s", type(error).__name__)
            _resting[alias] = time.monotonic() + CACHE_REST_SECONDS
    return work(_own_counts)


def forget() -> None:
    """Empties this process's own counts and asks the cache again."""
    _own_counts.clear()
    _resting.clear()
