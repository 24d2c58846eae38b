"""The shared cache as the steps use it: what they keep there spares a call, so they go on without it while it is away.

A mark that must not be missed is no such thing: see attempts.use_up, which lets nobody in without it.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import caches

from codeflow.relying_party.errors import ProviderUnavailable

T = TypeVar("T")

log = logging.getLogger("codeflow.relying_party")


class SpareCache:
    """Answers as an empty cache while the real one does not; `add` is then nobody's, so that no limit is passed by."""

    def __init__(self, alias: str) -> None:
        self._alias = alias

    def get(self, key: str) -> Any:
        return _or(None, lambda: caches[self._alias].get(key))

    def set(self, key: str, value: Any, timeout: int) -> None:
        _or(None, lambda: caches[self._alias].set(key, value, timeout))

    def add(self, key: str, value: Any, timeout: int) -> bool:
        return _or(False, lambda: caches[self._alias].add(key, value, timeout))


def mark_once(alias: str, key: str, timeout: int) -> bool:
    """True for the first caller over all processes. Raises ProviderUnavailable where the cache cannot tell who that is."""
    try:
        return caches[alias].add(key, 1, timeout)
    except Exception as error:  # each kind of cache has errors of its own
        raise ProviderUnavailable("cache.unavailable", f"the cache does not answer: {type(error).__name__}") from error


def _or(otherwise: T, work: Callable[[], T]) -> T:
    try:
        return work()
    except Exception as error:  # noqa: BLE001  each kind of cache has errors of its own
        log.error("Going on without the cache, which does not answer: %s", type(error).__name__)
        return otherwise
