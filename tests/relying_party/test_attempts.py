"""Login attempts: tabs, the back button, a double click, another browser, old cookies."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from codeflow.relying_party import attempts
from codeflow.relying_party.conf import sealer
from codeflow.relying_party.flow.step1_authorization_request import PURPOSE, PendingLogin, cookie_name
from tests.relying_party.conftest import Browser


def state_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["state"][0]


def test_attempt_rests_in_a_protected_cookie(browser):
    location = browser.start()
    cookie = browser.client.cookies[cookie_name(state_of(location))]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/auth/", 600)
    assert state_of(location) not in cookie.value


@pytest.mark.parametrize(
    ("debug", "base", "secure"),
    [
        (True, "http://localhost:8001", False),
        (True, "http://127.0.0.1:8001", False),
        (True, "http://shop.example", True),
        (True, "https://localhost", True),
        (False, "http://localhost:8001", True),
        (False, "https://shop.example", True),
    ],
)
def test_cookie_is_secure_but_on_a_developers_machine(settings, debug, base, secure):
    settings.DEBUG = debug
    assert attempts.is_secure(base) is secure


def test_two_tabs_both_arrive_where_they_wanted(browser):
    first, second = browser.start("/account/?tab=1"), browser.start("/account/?tab=2")
    assert browser.come_back(browser.op.authorize(second)).headers["Location"] == "/account/?tab=2"
    assert browser.come_back(browser.op.authorize(first)).headers["Location"] == "/account/?tab=1"


@pytest.mark.spec("RFC 9700", "4.7", "RP-03: attempts are bounded, the oldest go")
def test_five_attempts_live(browser):
    locations = [browser.start(f"/account/?tab={number}") for number in range(7)]
    live = [name for name, cookie in browser.client.cookies.items() if cookie.value]
    assert live == [cookie_name(state_of(location)) for location in locations[2:]]


def test_attempts_with_long_addresses_stay_within_a_header(browser):
    for number in range(5):
        browser.start("/account/?" + "x" * 2000 + str(number))
    assert sum(len(name) + len(cookie.value) for name, cookie in browser.client.cookies.items()) < 8000


def test_dead_cookies_are_cleared_away(browser):
    browser.client.cookies["codeflow_login_0000"] = "nonsense"
    browser.start()
    assert not browser.client.cookies["codeflow_login_0000"].value


@pytest.mark.parametrize("query", ["", "code=abc", "code=abc&state=", "code=abc&state=unknown", "state=" + "a" * 5000])
@pytest.mark.spec("RFC 9700", "4.7", "T6 RP-08 RP-09: no state, no token request")
def test_unknown_state_is_outcome_b(browser, query):
    browser.start()
    response = browser.come_back(query)
    assert response.status_code == 400
    assert 'id="restart"' in response.content.decode()
    assert not browser.op.requests_to("/op/token")


@pytest.mark.spec("RFC 9700", "4.7", "T7 RP-10: login CSRF")
def test_answer_to_another_browsers_question_is_outcome_b(browser, op):
    stolen = op.authorize(browser.start())
    victim = Browser(Client(), op)
    assert victim.come_back(stolen).status_code == 400
    assert not victim.is_signed_in


@pytest.mark.spec("RFC 9700", "4.7", "an attempt's cookie opens for its own state alone")
def test_cookie_under_another_attempts_name_is_worth_nothing(browser):
    first, second = browser.start(), browser.start()
    names = [cookie_name(state_of(location)) for location in (first, second)]
    browser.client.cookies[names[0]] = browser.client.cookies[names[1]].value
    assert browser.come_back(browser.op.authorize(first)).status_code == 400


@pytest.mark.spec("OIDC Core", "15.5.2", "T8 RP-11: an attempt is used once")
def test_second_use_goes_to_next_when_signed_in(browser):
    query = browser.op.authorize(browser.start("/account/?tab=1"))
    cookies = browser.client.cookies.output()
    kept = {name: cookie.value for name, cookie in browser.client.cookies.items()}
    assert browser.come_back(query).status_code == 303
    for name, value in kept.items():
        browser.client.cookies[name] = value  # a double click: both requests carry the cookie
    again = browser.come_back(query)
    assert (again.status_code, again.headers["Location"]) == (303, "/account/?tab=1")
    assert browser.come_back(query).headers["Location"] == "/"  # the back button: the cookie is gone
    assert len(browser.op.requests_to("/op/token")) == 1
    assert cookies


def test_second_use_of_a_signed_out_browser_keeps_next(browser):
    query = browser.op.authorize(browser.start("/account/?tab=1"))
    kept = {name: cookie.value for name, cookie in browser.client.cookies.items()}
    browser.op.token_members["token_type"] = "mac"
    assert browser.come_back(query).status_code == 400
    for name, value in kept.items():
        browser.client.cookies[name] = value
    response = browser.come_back(query)
    assert response.status_code == 400
    assert 'value="/account/?tab=1"' in response.content.decode()


@pytest.mark.spec("RFC 9700", "4.7", "T6 RP-12: ten minutes")
def test_old_attempt_is_outcome_b(browser, monkeypatch):
    query = browser.op.authorize(browser.start())
    later = time.time() + 601
    monkeypatch.setattr("codeflow.relying_party.conf.time.time", lambda: later)
    response = browser.come_back(query)
    assert response.status_code == 400
    assert not browser.op.requests_to("/op/token")


@pytest.mark.spec("RFC 9700", "4.4.2", "T9 RP-30: each provider has its own redirect_uri")
def test_answer_at_another_providers_address_is_outcome_c(browser, site, op, events):
    site.CODEFLOW_RELYING_PARTY["PROVIDERS"]["other"] = {**site.ACME}
    response = browser.come_back(op.authorize(browser.start()), provider="other")
    assert response.status_code == 400
    assert events[-1].reason == "callback.provider"
    assert not op.requests_to("/op/token")


@pytest.mark.spec("RFC 6749", "3.1", "T14: state twice")
def test_state_given_twice_is_outcome_c(browser, events):
    query = browser.op.authorize(browser.start())
    assert browser.come_back(f"state=x&{query}").status_code == 400
    assert events[-1].reason == "callback.repeated"


def test_failed_attempt_leaves_the_signed_in_session_alone(browser):
    browser.sign_in()
    before = browser.client.session.session_key
    browser.op.callback_parameters.update(code=None, error="access_denied")
    assert browser.sign_in().status_code == 200
    assert browser.client.session.session_key == before
    assert browser.client.get("/account/").status_code == 200


def test_callback_takes_no_post(browser):
    assert browser.client.head("/auth/callback/acme/?state=x").status_code == 405


def test_unknown_provider_is_not_found(browser):
    assert browser.client.get("/auth/login/nobody/").status_code == 404
    assert browser.client.get("/auth/callback/nobody/").status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "account/",
        "/account/\r\nX: 1",
        "/account/\x00",
        "/" + "a" * 2048,
        "/auth/logout/",
        "",
    ],
)
@pytest.mark.spec("RFC 9700", "4.11.1", "T68 RP-04: no open redirector")
def test_foreign_next_is_ignored(browser, target):
    response = browser.sign_in(target)
    assert response.headers["Location"] == "/"


def test_strict_session_cookie_gets_a_page_of_this_site(browser, site):
    site.SESSION_COOKIE_SAMESITE = "Strict"
    response = browser.sign_in("/account/?a=1&b=2")
    page = response.content.decode()
    assert response.status_code == 200
    assert 'content="0; url=/account/?a=1&amp;b=2"' in page
    assert 'id="continue"' in page


def test_public_url_makes_the_redirect_uri(browser, site):
    site.CODEFLOW_RELYING_PARTY["PUBLIC_URL"] = "https://shop.example/"
    location = browser.start()
    assert parse_qs(urlsplit(location).query)["redirect_uri"] == ["https://shop.example/auth/callback/acme/"]
    assert browser.client.cookies[cookie_name(state_of(location))]["secure"]


def test_cookie_of_another_shape_is_no_attempt(site):
    seal = sealer(PURPOSE).seal
    name = cookie_name("x")
    assert PendingLogin.open(seal(b"[]", bound_to=name.encode()), name, sealer(PURPOSE)) is None
    assert PendingLogin.open(seal(b"{}", bound_to=name.encode()), name, sealer(PURPOSE)) is None
    assert PendingLogin.open(seal(b'{"demand": {}}', bound_to=name.encode()), name, sealer(PURPOSE)) is None


def test_attempt_survives_a_new_key(browser, site):
    query = browser.op.authorize(browser.start())
    site.SECRET_KEY_FALLBACKS = [site.SECRET_KEY]
    site.SECRET_KEY = "another-" + "k" * 50
    assert browser.come_back(query).status_code == 303
