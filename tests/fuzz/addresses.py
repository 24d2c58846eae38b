"""Every address of a URLconf, read from it, so that a new endpoint is tried without being listed anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize


@dataclass(frozen=True, slots=True)
class Address:
    """`template` takes its parameters by name: /admin/auth/user/%(object_id)s/change/."""

    template: str
    parameters: tuple[str, ...]
    view: Any

    def __str__(self) -> str:
        return self.template

    def filled(self, value: str) -> str:
        return self.template % dict.fromkeys(self.parameters, value)


def every_address(urlconf: str) -> list[Address]:
    """Each once, in the order of the URLconf."""
    found = {address.template: address for address in _walk(get_resolver(urlconf), "/", ())}
    return list(found.values())


def _walk(resolver: URLResolver, prefix: str, known: tuple[str, ...]) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        for part, parameters in normalize(pattern.pattern.regex.pattern):
            template, names = prefix + part, (*known, *parameters)
            if isinstance(pattern, URLPattern):
                yield Address(template, names, pattern.callback)
            else:
                yield from _walk(pattern, template, names)
