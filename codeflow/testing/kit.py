"""`fake_provider` and `signed_in`: a provider for the length of a block, and the whole sign-in through the real views."""

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client

from codeflow.relying_party.addresses import login_url
from codeflow.relying_party.conf import conf
from codeflow.relying_party.flow.step1_authorization_request import Demand
from codeflow.signals import RELYING_PARTY, FlowEvent, flow_event
from codeflow.testing.fake import FakeProvider
from codeflow.testing.state import Registration
from codeflow.testing.wire import wired


class NotSignedIn(AssertionError):
    """The sign-in did not end well. `response` is the page that the person saw."""

    def __init__(self, why: str, response: HttpResponseBase) -> None:
        super().__init__(why)
        self.response = response


@contextlib.contextmanager
def fake_provider(name: str) -> Iterator[FakeProvider]:
    """Stands for the provider that the settings call `name`, its APIs included, until the block ends.

    Several may be up at once. Nothing else about the settings changes: issuer, client_id and secret are the site's own.
    """
    provider = conf.provider(name)
    registration = Registration(
        name=name,
        issuer=provider.issuer,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        apis=provider.apis,
    )
    fake = FakeProvider(registration)
    with wired(fake):
        yield fake


def signed_in(
    client: Client,
    op: FakeProvider,
    name: str,
    *,
    next_url: str = "/",
    max_age: int | None = None,
    acr: str = "",
    scope: str = "",
) -> HttpResponseBase:
    """Signs the person called `name` in, through the site's own views, and returns the last answer.

    `max_age`, `acr` and `scope` are asked for as `oidc_required` would. Raises NotSignedIn with the reason.
    """
    op.at_the_browser(name)
    demand = Demand(max_age=max_age, acr=acr, scope=scope)
    with _outcomes() as outcomes:
        started = client.get(login_url(op.name, next_url=next_url, demand=demand), secure=_is_secure())
        response = _come_back(client, op, started) if started.status_code == 302 else started
    if "login_succeeded" not in [event.name for event in outcomes]:
        raise NotSignedIn(_why(name, op, response, outcomes), response)
    return response


def _come_back(client: Client, op: FakeProvider, started: HttpResponseBase) -> HttpResponseBase:
    answer = op.authorize(started.headers["Location"])
    parts = urlsplit(answer.redirect_uri)
    secure = parts.scheme == "https"
    if answer.form_post:
        body = urlencode(list(answer.pairs))
        posted = client.post(parts.path, body, content_type="application/x-www-form-urlencoded", secure=secure)
        again = posted.headers.get("Location", "")
        return client.get(again, secure=secure) if again.startswith(parts.path) else posted
    return client.get(f"{parts.path}?{urlencode(list(answer.pairs))}", secure=secure)


def _is_secure() -> bool:
    return conf.public_url.startswith("https:") or bool(settings.SECURE_SSL_REDIRECT)


@contextlib.contextmanager
def _outcomes() -> Iterator[list[FlowEvent]]:
    """What the relying party announces meanwhile."""
    seen: list[FlowEvent] = []

    def listen(event: FlowEvent, **kwargs: Any) -> None:
        seen.append(event)

    flow_event.connect(listen, sender=RELYING_PARTY, weak=False)
    try:
        yield seen
    finally:
        flow_event.disconnect(listen, sender=RELYING_PARTY)


def _why(name: str, op: FakeProvider, response: HttpResponseBase, outcomes: list[FlowEvent]) -> str:
    failed = next((event for event in reversed(outcomes) if event.name == "login_failed"), None)
    reason = f"{failed.reason}, reference {failed.reference}" if failed else "no sign-in was attempted"
    return f"{name!r} was not signed in by {op.name!r}: {reason} (HTTP {response.status_code})"
