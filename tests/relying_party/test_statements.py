"""What a sign-in and an API call cost, and what a slow provider costs those who do not need it.

Statements are counted in a project that has the provider's role too: its audit row of a sign-in is among them.
"""

import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from codeflow.relying_party import conf
from codeflow.relying_party.models import Identity
from tests.relying_party.misbehaving_provider import Reply

DATABASE_SESSIONS = "django.contrib.sessions.backends.db"
CACHED_SESSIONS = "django.contrib.sessions.backends.cache"


@pytest.fixture
def known(browser: Any) -> Any:
    """A browser of somebody who signed in before and is signed out: metadata and keys are cached, the identity is known."""
    browser.sign_in()
    browser.client.logout()
    browser.op.log.clear()
    return browser


@pytest.mark.django_db
@pytest.mark.parametrize("userinfo", [False, True])
def test_login_calls_the_provider_once_and_once_more_for_userinfo(known, site, op, userinfo):
    site.ACME["userinfo"] = userinfo
    known.sign_in()
    assert [seen.path for seen in op.log] == ["/op/token", *(["/op/userinfo"] if userinfo else [])]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("engine", "at_most"), [(DATABASE_SESSIONS, 9), (CACHED_SESSIONS, 6)], ids=["database", "cache"]
)
def test_login_runs_few_statements(known, site, count_statements, engine, at_most):
    """From the click to the redirect back into the site."""
    site.SESSION_ENGINE = engine
    site.MIDDLEWARE = list(site.MIDDLEWARE)  # built anew, with the engine's store
    known.client = Client()
    with count_statements(at_most=at_most):
        assert known.sign_in().status_code == 303
    assert known.is_signed_in


@pytest.mark.django_db
def test_api_call_runs_two_statements_and_asks_no_provider(known, site, op, count_statements):
    site.SESSION_ENGINE = DATABASE_SESSIONS
    known.sign_in()
    op.log.clear()
    with count_statements(at_most=2):
        assert known.client.get("/orders/").status_code == 200
    assert [seen.path for seen in op.log] == ["/api/v1/orders"]


@pytest.mark.django_db
def test_page_without_a_sign_in_runs_no_statement(site, client, count_statements):
    with count_statements(at_most=0):
        assert client.get("/").status_code == 200


def within(seconds: float, work: Any) -> Any:
    began = time.monotonic()
    result = work()
    assert time.monotonic() - began < seconds
    return result


@pytest.mark.django_db(transaction=True)
def test_silent_provider_slows_nobody_who_does_not_need_it(known, op, monkeypatch):
    """One request waits for the provider; people who are signed in, API calls with a live token and other pages do not."""
    monkeypatch.setattr(conf, "DEADLINE", 2.0)
    known.sign_in()
    ours, known.client = known.client, Client()
    query = op.authorize(known.start())
    over = threading.Event()

    def say_nothing() -> Reply:
        over.wait(10)
        return Reply(status=500)

    op.replies["/op/token"] = say_nothing
    answers: list[Any] = []

    def wait_for_it() -> None:
        try:
            answers.append(known.come_back(query))
        finally:
            connection.close()

    waiting = threading.Thread(target=wait_for_it)
    began = time.monotonic()
    waiting.start()
    for path in ("/", "/account/", "/orders/", "/auth/login/acme/"):
        assert within(1, lambda path=path: ours.get(path)).status_code in (200, 302)
    assert waiting.is_alive(), "the sign-in should still wait"
    waiting.join(10)
    over.set()
    assert time.monotonic() - began < 4
    assert [answer.status_code for answer in answers] == [503]
    assert "Retry-After" in answers[0].headers


@pytest.mark.django_db
def test_deadline_covers_all_calls_of_a_sign_in_together(known, op, monkeypatch):
    """Tokens and userinfo that each come just in time do not add up; what is late is done without, as the rules allow."""
    monkeypatch.setattr(conf, "DEADLINE", 0.6)

    good = op.good_reply

    def late(path: str, seen: Any) -> Reply:
        time.sleep(0.4)
        return good(path, seen)

    op.good_reply = late
    assert within(2, known.sign_in).status_code == 303
    assert op.requests_to("/op/userinfo")
    assert "name" not in Identity.objects.get().claims
