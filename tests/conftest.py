"""Plugins of every test; neither failures that were counted nor a language outlive a test."""

from collections.abc import Iterator

import pytest

pytest_plugins = [
    "tests.plugins.databases",
    "tests.plugins.parallel",
    "tests.plugins.skips",
    "tests.plugins.spec_matrix",
    "tests.plugins.statements",
]


@pytest.fixture(autouse=True)
def _no_failures_counted() -> None:
    from django.core.cache import caches
    from django.core.cache.backends.locmem import LocMemCache

    cache = caches["default"]
    if isinstance(cache, LocMemCache):
        cache.clear()


@pytest.fixture(autouse=True)
def _no_language_stays() -> Iterator[None]:
    """LocaleMiddleware leaves the last request's language with the thread."""
    from django.utils import translation

    yield
    translation.deactivate()
