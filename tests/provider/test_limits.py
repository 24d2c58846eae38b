"""Too many failures: who waits, who does not, and what happens without the cache."""

import logging

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

from codeflow.provider import limits
from codeflow.provider.models import AuditEvent
from tests.provider.exchange import InProcess, Party, basic, tokens_for
from tests.provider.factories import PASSWORD, SECRET, ClientFactory

pytestmark = pytest.mark.django_db

GUESS = "grant_type=refresh_token&refresh_token=x"


class From(InProcess):
    """Requests from an address."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.client.defaults["REMOTE_ADDR"] = address


class Away(LocMemCache):
    """A cache server that is away."""

    asked = 0

    def _fail(self, *args, **kwargs):
        Away.asked += 1
        raise ConnectionError("no cache")

    add = incr = get_many = get = set = _fail


@pytest.fixture(autouse=True)
def _forget():
    limits.forget()


@pytest.fixture
def cache_away(settings):
    Away.asked = 0
    settings.CACHES = {**settings.CACHES, "limits": {"BACKEND": f"{__name__}.Away"}}
    settings.CODEFLOW_PROVIDER = {"CACHE": "limits"}


def at(party, address):
    return Party(party.row, transport=From(address))


def guess(party, path="/o/token/", secret="wrong"):
    body = f"{GUESS}&token=x"
    return party.post_as_is(path, body, Authorization=basic(party.row.client_id, secret))


@pytest.mark.spec("RFC 6749", "2.3.1", "secrets cannot be guessed by trying")
@pytest.mark.parametrize(
    "path", ["/o/token/", "/o/introspect/", "/o/revoke", "/o/introspect", "/o/revoke/", "/o/token"]
)
def test_wrong_secrets_of_one_client_from_one_address_end_in_429(party, path):
    attacker = at(party, "192.0.2.66")
    assert {guess(attacker, path).status_code for _ in range(20)} == {401}
    answer = guess(attacker, path)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["error"] == "temporarily_unavailable"
    assert guess(attacker, path, SECRET).status_code == 429  # the right one is not even looked at
    assert guess(at(party, "192.0.2.1"), path, SECRET).status_code != 429


def test_client_goes_on_while_others_guess_from_many_addresses(signed_in, party):
    for number in range(320):
        guess(at(party, f"192.0.2.{number % 250}"))
    assert (
        guess(at(party, "198.51.100.1")).status_code == 429
    )  # a first guess from there, but the client's three hundredth
    assert tokens_for(signed_in, party)["access_token"]


def test_window_ends(party, clock):
    attacker = at(party, "192.0.2.66")
    for _ in range(25):
        answer = guess(attacker)
    clock.advance(seconds=int(answer.headers["Retry-After"]))
    assert guess(attacker, secret=SECRET).status_code == 400  # the client is authenticated; there is no such token
    assert guess(attacker).status_code == 401


def test_address_that_tries_many_clients_waits(party):
    for _ in range(10):
        attacker = at(another_party(), "192.0.2.66")
        for _ in range(10):
            assert guess(attacker).status_code == 401
    assert guess(at(party, "192.0.2.66"), secret=SECRET).status_code == 429
    assert guess(at(party, "192.0.2.67"), secret=SECRET).status_code == 400


def another_party():
    return Party(ClientFactory())


def test_unknown_client_is_counted_as_a_known_one(party):
    for client_id in ("nobody", party.row.client_id):
        statuses = [
            at(party, "192.0.2.66").post_as_is("/o/token/", GUESS, Authorization=basic(client_id, "x")).status_code
            for _ in range(22)
        ]
        assert statuses == [401] * 20 + [429] * 2


def test_malformed_basic_counts_for_the_address(party):
    for _ in range(100):
        assert at(party, "192.0.2.66").post_as_is("/o/token/", GUESS, Authorization="Basic !").status_code == 401
    assert at(party, "192.0.2.66").post_as_is("/o/token/", GUESS, Authorization="Basic !").status_code == 429


@pytest.mark.spec("RFC 7662", "4", "tokens cannot be searched for")
def test_unknown_tokens_end_in_429_and_live_ones_pass(signed_in, party, settings):
    settings.CODEFLOW_PROVIDER = {"RATE_LIMITS": {"guess": (5, 60)}}
    tokens = tokens_for(signed_in, party)
    for _ in range(5):
        assert party.introspect("x").json() == {"active": False}
    assert party.introspect("x").status_code == 429
    assert party.refresh("x").status_code == 429
    assert party.userinfo("x").status_code == 429
    assert int(party.userinfo("x").headers["Retry-After"]) > 0
    assert party.introspect(tokens["access_token"]).json()["active"] is True
    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_good_request_costs_one_look_into_the_cache_and_no_statement(signed_in, party, monkeypatch, count_statements):
    asked = []
    for name in ("get", "set", "add", "incr", "get_many", "delete"):
        real = getattr(LocMemCache, name)
        monkeypatch.setattr(
            LocMemCache, name, lambda *args, _real=real, _name=name, **kw: (asked.append(_name), _real(*args, **kw))[1]
        )
    monkeypatch.setattr(LocMemCache, "get_many", lambda *args, **kw: asked.append("get_many") or {})
    tokens = tokens_for(signed_in, party)
    party.introspect(tokens["access_token"])
    party.revoke(tokens["access_token"])
    assert asked == ["get_many"] * 3
    with count_statements(at_most=0):
        assert limits.seconds_to_wait((limits.ADDRESS, "192.0.2.1")) == 0


@pytest.mark.usefixtures("cache_away")
def test_without_the_cache_guesses_stay_limited_and_honest_requests_go_on(signed_in, party, caplog):
    caplog.set_level(logging.ERROR)
    assert tokens_for(signed_in, party)["access_token"]
    attacker = at(party, "192.0.2.66")
    assert [guess(attacker).status_code for _ in range(22)] == [401] * 20 + [429] * 2
    assert tokens_for(signed_in, party)["access_token"]
    assert Away.asked == 1  # a cache that is away is not asked for each request
    assert "the cache does not answer: ConnectionError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.usefixtures("cache_away")
def test_cache_that_came_back_is_asked_again(party, clock):
    guess(party)
    assert Away.asked == 1
    clock.advance(seconds=limits.CACHE_REST_SECONDS + 1)
    guess(party)
    assert Away.asked == 2


def test_count_ends_with_its_window_even_where_the_cache_keeps_it_longer(clock):
    for _ in range(20):
        limits.note_failure((limits.CLIENT_AT_ADDRESS, "a b"))
    assert limits.seconds_to_wait((limits.CLIENT_AT_ADDRESS, "a b")) > 0
    cache = caches["default"]
    for key in list(cache._expire_info):
        cache._expire_info[key] = None  # for ever
    clock.advance(seconds=62)
    assert limits.seconds_to_wait((limits.CLIENT_AT_ADDRESS, "a b")) == 0
    assert limits.note_failure((limits.CLIENT_AT_ADDRESS, "a b")) == 0
    assert limits.count((limits.CLIENT_AT_ADDRESS, "a b")) == 2


def test_limit_can_be_turned_off(party, settings):
    settings.CODEFLOW_PROVIDER = {"RATE_LIMITS": dict.fromkeys(("client_at_address", "address", "client"))}
    assert {guess(party).status_code for _ in range(120)} == {401}


def test_crossing_a_limit_is_logged_and_recorded_once_a_window(party, caplog):
    for _ in range(60):
        guess(party)
    assert caplog.text.count("Too many failures") == 1
    assert AuditEvent.objects.filter(reason="rate_limited").exists()


# Sign-in


def sign_in(browser, name, password):
    browser.open("/o/login/")
    return browser.submit("codeflow-login", username=name, password=password)


def test_wrong_passwords_of_one_account_from_one_address_end_in_a_page_with_a_support_code(browser, user):
    browser.open("/o/login/")
    for _ in range(10):
        assert browser.submit("codeflow-login", username=user.get_username(), password="wrong").status_code == 200
    page = browser.submit("codeflow-login", username=user.get_username(), password=PASSWORD)
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 200
    assert "no-store" in page.headers["Cache-Control"]
    assert "minutes" in page.text
    reference = page.text.partition('id="codeflow-reference">')[2].partition("<")[0]
    assert AuditEvent.objects.get(reference=reference).reason == "rate_limited"
    browser.transport.client.defaults["REMOTE_ADDR"] = "192.0.2.1"
    sign_in(browser, user.get_username(), PASSWORD)
    assert "_auth_user_id" in browser.transport.client.session


def test_space_around_a_name_makes_no_other_account(browser, user):
    """Django's form takes it away; if it counted, each space more would bring ten guesses more."""
    browser.open("/o/login/")
    for spaces in range(10):
        name = " " * 300 + user.get_username() + "\u2003" * spaces
        browser.submit("codeflow-login", username=name, password="wrong")
    assert browser.submit("codeflow-login", username=user.get_username(), password=PASSWORD).status_code == 429


def test_other_spellings_of_a_name_are_the_same_account(browser, user):
    browser.open("/o/login/")
    for spelling in (user.get_username(), user.get_username().upper()) * 5:
        browser.submit("codeflow-login", username=spelling, password="wrong")
    assert browser.submit("codeflow-login", username=user.get_username(), password=PASSWORD).status_code == 429


# The audit trail


def test_refusals_that_nobody_signed_for_write_few_rows_that_count_them_all(party):
    for number in range(170):
        party.post_as_is("/o/token/", f"client_id=nobody{number}&client_secret=x&{GUESS}")
    rows = AuditEvent.objects.filter(event="token.refused")
    assert rows.count() < 60
    refused = rows.filter(reason="unknown_client")
    assert [row.count for row in refused.order_by("pk")] == [1] * 20 + [20, 40]
    assert AuditEvent.objects.filter(reason="rate_limited").exists()


def test_page_shows_the_support_code_of_the_row_that_stands_for_it(browser, party):
    codes = set()
    for _ in range(60):
        page = browser.authorize(party.request(redirect_uri="https://evil.example/"))
        codes.add(page.text.partition('id="codeflow-reference">')[2].partition("<")[0])
    assert len(codes) == AuditEvent.objects.filter(event="authorization.refused").count() == 21
    assert codes == set(AuditEvent.objects.values_list("reference", flat=True))


def test_what_somebody_signed_in_does_is_always_recorded(signed_in, party):
    for _ in range(30):
        signed_in.authorize(party.request(redirect_uri="https://evil.example/"))
    assert AuditEvent.objects.filter(event="authorization.refused").count() == 30
