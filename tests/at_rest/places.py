"""Where something can rest, as text; and in which spellings a secret may stand there."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

from codeflow.signals import FlowEvent
from tests.end_to_end.in_process.test_at_rest import everything_at_rest


def every_place() -> dict[str, str]:
    return {**dict(everything_at_rest()), **dict(cached())}


def cached() -> Iterator[tuple[str, str]]:
    """Each cached value, unpacked from what the cache makes of it."""
    for alias in settings.CACHES:
        cache = caches[alias]
        if isinstance(cache, LocMemCache):
            yield from (
                (f"cache {alias} {key}", value.decode("latin-1") if isinstance(value, bytes) else str(value))
                for key, value in cache._cache.items()
            )
    for place, text in everything_at_rest():
        if "cache.value" in place:
            yield f"{place} unpacked", base64.b64decode(text).decode("latin-1")


def announced(events: Iterable[FlowEvent]) -> dict[str, str]:
    """What listeners are given, in full."""
    return {
        f"event {number} {event.name}": f"{event!r} {dict(event.details)!r} {dict(event.digests)!r}"
        for number, event in enumerate(events)
    }


def spellings(secret: str) -> set[str]:
    octets = secret.encode()
    encoded = {base64.b64encode(octets).decode().rstrip("="), base64.urlsafe_b64encode(octets).decode().rstrip("=")}
    return {
        secret,
        quote(secret),
        quote_plus(secret),
        quote(secret, safe=""),
        binascii.hexlify(octets).decode(),
        secret[::-1],
        *encoded,
    }


def leaks(secrets: Mapping[str, str], places: Mapping[str, Any]) -> list[str]:
    wanted = [(name, spelling) for name, secret in secrets.items() for spelling in spellings(secret)]
    return [f"{name} in {place}" for place, text in places.items() for name, spelling in wanted if spelling in text]
