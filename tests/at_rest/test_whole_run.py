"""No secret of a run with everything in it rests in a table, session, cache, log line, event or command's output."""

import logging
from io import StringIO
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from django.core.management import call_command
from django.test import override_settings

from codeflow.core import jose
from codeflow.provider import clients
from codeflow.provider.models import AccessToken, AuditEvent, LogoutDelivery
from codeflow.signals import FlowEvent, flow_event
from tests.at_rest.places import announced, every_place, leaks, spellings
from tests.end_to_end.in_process.conftest import sign_in
from tests.end_to_end.in_process.test_at_rest import log_lines, secrets_of

pytestmark = pytest.mark.django_db(transaction=True)

WRONG_SECRET, WRONG_PASSWORD = "wrong-secret-that-may-be-right-elsewhere", "wrong-password-that-may-be-right-elsewhere"


@pytest.fixture
def events():
    seen: list[FlowEvent] = []

    def listen(event: FlowEvent, **kwargs: Any) -> None:
        seen.append(event)

    flow_event.connect(listen, weak=False)
    yield seen
    flow_event.disconnect(listen)


@pytest.fixture
def whole_run(site, browser, caplog, events):
    """Every act of both roles; returns the secrets that were used and what rested at three moments."""
    caplog.set_level(logging.DEBUG)
    browser.open(f"{site.provider}/o/login/")
    browser.submit("codeflow-login", username="alice", password=WRONG_PASSWORD)
    site.client.backchannel_logout_uri = f"{site.relying_party}/auth/backchannel/acme/"
    site.client.may_introspect = True
    site.client.save()
    with override_settings(CODEFLOW_PROVIDER={"LOGOUT_PRIVATE_ADDRESSES": True}):
        sign_in(browser, site)
        moments = [every_place()]
        AccessToken.objects.update(expires="2020-01-01T00:00:00Z")
        browser.open(f"{site.relying_party}/notes/")  # a refresh and an API call
        secrets = secrets_of(browser, site) | refusals_and_replays(site) | new_secrets(site)
        moments.append(every_place())
        browser.open(f"{site.provider}/o/logout/")
        browser.submit("codeflow-logout")
    delivered = site.back_channel("/auth/backchannel/acme/")
    assert delivered, list(LogoutDelivery.objects.values())
    secrets["logout_token"] = parse_qs(delivered[0].request_body.decode())["logout_token"][0]
    moments.append(every_place())
    return {**secrets, "wrong password": WRONG_PASSWORD}, moments, caplog


def post(site, path, secret=None, **form):
    return requests.post(
        f"{site.provider}/o/{path}/", data=form, auth=("shop", secret or site.client_secret), timeout=10
    )


def refusals_and_replays(site) -> dict[str, str]:
    """What was redeemed once is redeemed again; guesses of each kind."""
    forms = [parse_qs(exchange.request_body.decode()) for exchange in site.back_channel("/o/token/")]
    redemption = {name: values[0] for name, values in forms[0].items()}
    issued = [jose.strict_json_object(exchange.response_body) for exchange in site.back_channel("/o/token/")]
    assert post(site, "introspect", token=issued[-1]["access_token"]).json()["active"] is True
    assert post(site, "introspect", token="guess-of-a-token").json()["active"] is False
    assert post(site, "token", WRONG_SECRET, **redemption).status_code == 401
    assert post(site, "token", **redemption).json()["error"] == "invalid_grant"  # a replay: what came of it ends
    assert post(site, "token", grant_type="refresh_token", refresh_token=issued[0]["refresh_token"]).status_code == 400
    assert post(site, "revoke", token=issued[-1]["access_token"]).status_code == 200
    return {"wrong secret": WRONG_SECRET, "guess": "guess-of-a-token"}


def new_secrets(site) -> dict[str, str]:
    """Made by code and by command; the command shows its value once, on its output alone."""
    out = StringIO()
    call_command("codeflow_client", "rotate", site.client.client_id, stdout=out)
    by_command = next(word for word in out.getvalue().split() if word.startswith(clients.SECRET_PREFIX))
    other, first = clients.register_client(name="Other", redirect_uris=["https://rp.example/cb"])
    return {"rotated": by_command, "new client's": first, "rotated again": clients.rotate_secret(other)}


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "credentials do not rest in clear text")
@pytest.mark.spec("RFC 9700", "4.9", "tokens cannot be read from the server's storage")
def test_nothing_that_rests_tells_a_secret(whole_run, events):
    secrets, moments, caplog = whole_run
    assert {name.partition(" ")[0] for name in secrets} >= {
        "client_secret", "code", "code_verifier", "access_token", "refresh_token", "id_token", "password", "private", "logout_token",
    }  # fmt: skip
    assert len(secrets) > 14
    for moment in moments:
        assert leaks(secrets, moment) == []
    assert leaks(secrets, dict(log_lines(caplog))) == []
    assert len(events) > 15
    assert leaks(secrets, announced(events)) == []


def test_trail_of_the_run_tells_what_happened(whole_run):
    happened = set(AuditEvent.objects.values_list("event", "outcome"))
    assert happened >= {
        ("login.failed", "refused"), ("login.succeeded", "ok"), ("consent.given", "ok"), ("code.issued", "ok"), ("token.issued", "ok"),
        ("token.refreshed", "ok"), ("token.refused", "refused"), ("secret.rotated", "ok"), ("session.ended", "ok"), ("logout.delivered", "ok"),
    }  # fmt: skip


def test_search_finds_each_spelling(site):
    """The search itself works: a secret that is put somewhere on purpose is found there."""
    for spelling in spellings("a secret/with+signs"):
        site.client.name = spelling
        site.client.save()
        assert any(
            "codeflow_provider_client.name" in place for place in leaks({"it": "a secret/with+signs"}, every_place())
        )
