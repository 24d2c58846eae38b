"""Plugins of every test, and a memory of failures that begins empty: one test's wrong secrets are none of the next one's."""

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
