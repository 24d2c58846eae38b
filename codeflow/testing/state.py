"""What a fake provider remembers: who its client is, what it granted, and which tokens stand for it."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from codeflow.testing.keys import now
from codeflow.testing.messages import Request
from codeflow.testing.people import Person
from codeflow.testing.ways import Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The site's entry at the provider, read from the site's own settings."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    apis: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The issuer without a final slash; every endpoint stands below it."""
        return self.issuer.removesuffix("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One sign-in of one person, as every token that came of it knows it."""

    person: Person
    scope: str
    client_id: str
    sid: str
    auth_time: int = field(default_factory=now)
    acr: str = ""
    nonce: str = ""
    redirect_uri: str = ""
    code_challenge: str = ""
    audience: str | list[str] = ""


@dataclass(slots=True)
class State:
    registration: Registration
    ways: Ways = field(default_factory=Ways)
    people: dict[str, Person] = field(default_factory=dict)
    current: str = ""
    """Who sits at the browser; "" is whoever was added last."""
    codes: dict[str, Grant] = field(default_factory=dict)
    access_tokens: dict[str, Grant] = field(default_factory=dict)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    apis: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Name of the API → "METHOD /path" or "/path" → what it answers."""
    requests: list[Request] = field(default_factory=list)
    lifetime: int = 3600

    @property
    def at_the_browser(self) -> Person:
        if not self.people:
            raise LookupError(f'nobody has an account at {self.registration.name!r}: op.user("alice") makes one')
        return self.people[self.current or next(reversed(self.people))]


def new_secret(kind: str) -> str:
    """A value that a failing test's output names by its kind."""
    return f"{kind}-{secrets.token_urlsafe(16)}"


ApiAnswer = Callable[[Request], Any] | Any
"""JSON, a Reply, or a function of the Request that returns either."""
