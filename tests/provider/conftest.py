"""People, clients and browsers of the provider's tests; its clock; a memory that begins empty."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from codeflow.core import jose
from codeflow.provider import clients, keys
from codeflow.provider.models import AuditEvent
from codeflow.signals import PROVIDER, FlowEvent, flow_event
from tests.provider.exchange import Browser, OverHttp, Party
from tests.provider.factories import ClientFactory, UserFactory


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.provider.urls"


@pytest.fixture(autouse=True)
def _empty_process() -> None:
    """What this process knows of clients and keys outlives their rows by some seconds."""
    clients._known.clear()
    keys._signing.clear()


_generate = keys._generate


@cache
def _pooled_key(alg: str, place: int) -> jose.PrivateKey:
    return _generate(alg)


@pytest.fixture(autouse=True)
def _key_pool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are as random as always, but generated once per run: the first key of a test is the run's first one."""
    if "own_keys" in request.fixturenames:
        return
    places = count()
    monkeypatch.setattr(keys, "_generate", lambda alg: _pooled_key(alg, next(places)))


@pytest.fixture
def own_keys() -> None:
    """Turns the pool off."""


@pytest.fixture
def user(db: None) -> Any:
    return UserFactory()


@pytest.fixture
def party(db: None) -> Party:
    """A confidential client that may ask for every scope of the tests."""
    return Party(ClientFactory())


@pytest.fixture
def public_party(db: None) -> Party:
    return Party(ClientFactory(public=True), secret="")


@pytest.fixture
def browser(db: None) -> Browser:
    """Nobody is signed in."""
    return Browser()


@pytest.fixture
def signed_in(browser: Browser, user: Any) -> Browser:
    """`user` is signed in."""
    browser.force_sign_in(user)
    return browser


@pytest.fixture(scope="session")
def live_server(database_engine: str, django_db_setup: None) -> Iterator[LiveServer]:
    """pytest-django's, on the engine in turn: its own would look at the database that stood there before."""
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def over_http(live_server: LiveServer) -> Iterator[Callable[[], OverHttp]]:
    """Makes transports of their own to one live server, for threads."""
    with ExitStack() as stack:

        def make() -> OverHttp:
            transport = OverHttp(live_server.url)
            stack.callback(transport.close)
            return transport

        yield make


class Clock:
    """Every clock of this process, moved together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.offset = 0.0
        self._now, self._time, self._monotonic = timezone.now, time.time, time.monotonic
        monkeypatch.setattr(timezone, "now", self.now)
        monkeypatch.setattr(time, "time", lambda: self._time() + self.offset)
        monkeypatch.setattr(time, "monotonic", lambda: self._monotonic() + self.offset)

    def now(self) -> datetime:
        return self._now() + timedelta(seconds=self.offset)

    def advance(self, *, seconds: float = 0, **more: float) -> None:
        self.offset += timedelta(seconds=seconds, **more).total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def events() -> Iterator[list[FlowEvent]]:
    """What the provider announced."""
    seen: list[FlowEvent] = []

    def listen(event: FlowEvent, **kwargs: Any) -> None:
        seen.append(event)

    flow_event.connect(listen, sender=PROVIDER, weak=False)
    yield seen
    flow_event.disconnect(listen, sender=PROVIDER)


@pytest.fixture
def audit_trail(db: None) -> Callable[[], list[tuple[str, str, str]]]:
    """Event, outcome and reason of each row, in order."""
    return lambda: list(AuditEvent.objects.order_by("pk").values_list("event", "outcome", "reason"))
