"""What travels between the site and a fake provider, as it would stand on the wire."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that reached the fake provider or one of its APIs; header names are in lower case."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The first value of each name."""
        return _first_values(urlsplit(self.url).query)

    @property
    def form(self) -> dict[str, str]:
        if not self.headers.get("content-type", "").startswith(FORM_TYPE):
            return {}
        return _first_values(self.body.decode("utf-8", "replace"))

    @property
    def bearer(self) -> str:
        """The token of the Authorization header, "" where there is none."""
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() if kind.lower() == "bearer" else ""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer. `Reply.json(value)` makes the usual one."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON_TYPE}, repr=False)
    body: bytes = field(default=b"", repr=False)

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> "Reply":
        """`headers` with underscores for hyphens: WWW_Authenticate="Bearer"."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status=status, headers={"Content-Type": JSON_TYPE, **named}, body=json.dumps(value).encode())

    @classmethod
    def redirect(cls, location: str, status: int = 302) -> "Reply":
        return cls(status=status, headers={"Location": location})

    @classmethod
    def html(cls, text: str, status: int = 200) -> "Reply":
        return cls(status=status, headers={"Content-Type": "text/html; charset=utf-8"}, body=text.encode())


Handler = Callable[[Request], Reply]


def _first_values(text: str) -> dict[str, str]:
    return dict(reversed(parse_qsl(text, keep_blank_values=True)))
