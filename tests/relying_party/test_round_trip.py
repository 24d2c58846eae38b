"""The good way through: sign-in, userinfo, API call, sign-out, over real HTTP."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from codeflow.core import pkce
from codeflow.relying_party.models import Identity, RPSession, TokenGrant
from codeflow.signals import RELYING_PARTY
from tests.relying_party.misbehaving_provider import CLIENT_SECRET

pytestmark = pytest.mark.mariadb


def test_sign_in_makes_an_account_and_returns_to_next(browser):
    response = browser.sign_in("/account/?tab=1")
    assert (response.status_code, response.headers["Location"]) == (303, "/account/?tab=1")
    account = browser.client.get("/account/").json()
    assert (account["sub"], account["issuer"], account["provider"]) == (browser.op.sub, browser.op.issuer, "acme")
    assert account["claims"]["name"] == "Alice Example"
    user = get_user_model().objects.get()
    assert (user.first_name, user.email, user.has_usable_password()) == ("Alice", "", False)


def test_second_sign_in_finds_the_same_account(browser):
    browser.sign_in()
    browser.client.logout()
    browser.op.userinfo["name"] = "Alice Renamed"
    browser.sign_in()
    assert get_user_model().objects.count() == 1
    assert Identity.objects.get().claims["name"] == "Alice Renamed"


@pytest.mark.spec("OIDC Core", "3.1.2.1", "RP-01: state, nonce and verifier are fresh and long")
def test_authorization_requests_share_no_value(browser):
    first, second = (
        {name: values[0] for name, values in parse_qs(urlsplit(browser.start()).query).items()} for _ in range(2)
    )
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name]) >= 43
    assert (first["code_challenge_method"], first["response_type"]) == ("S256", "code")
    assert first["redirect_uri"] == "http://testserver/auth/callback/acme/"
    assert first["scope"].split()[0] == "openid"


@pytest.mark.spec("RFC 7636", "4.5", "the verifier sent belongs to the challenge of the same attempt")
def test_token_request_proves_the_client_and_the_attempt(browser):
    browser.sign_in()
    (seen,) = browser.op.requests_to("/op/token")
    assert pkce.is_code_verifier(seen.form["code_verifier"])
    assert set(seen.form) == {"grant_type", "code", "redirect_uri", "code_verifier"}
    assert seen.headers["Authorization"].startswith("Basic ")
    assert "Cookie" not in seen.headers


@pytest.mark.spec("RFC 6750", "2.3", "RP-72: the access token goes in a header")
def test_userinfo_is_asked_with_the_token_in_the_header(browser):
    browser.sign_in()
    (seen,) = browser.op.requests_to("/op/userinfo")
    assert (seen.path, seen.headers["Authorization"]) == ("/op/userinfo", "Bearer access-2")


@pytest.mark.parametrize("setting", [{"userinfo": False}, {"scope": "openid"}])
def test_userinfo_is_not_asked(browser, site, setting):
    site.ACME.update(setting)
    browser.sign_in()
    assert not browser.op.requests_to("/op/userinfo")


def test_each_step_is_announced(browser, events):
    browser.sign_in()
    events = [event for event in events if event.role == RELYING_PARTY]
    assert [(event.name, event.step) for event in events] == [
        ("login_started", 1),
        ("response_checked", 4),
        ("token_requested", 5),
        ("tokens_received", 5),
        ("id_token_checked", 7),
        ("userinfo_received", 7),
        ("account_created", 7),
        ("login_succeeded", 7),
    ]
    checks = [name for name, expected, actual, passed in events[4].details["checks"] if passed]
    assert checks[:8] == ["iss", "aud", "audiences", "azp", "alg", "signature", "exp", "iat"]
    assert events[0].digests["state"] == events[1].digests["state"]
    assert events[1].digests["code"] == events[3].digests["code"]


@pytest.mark.spec("RFC 9700", "4.2", "RP-28: no address with a code stays")
def test_answer_to_the_callback_keeps_its_address_to_itself(browser):
    response = browser.sign_in()
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_api_call_carries_the_token_to_the_api(browser):
    browser.sign_in()
    assert browser.client.get("/orders/").json()["path"] == "/api/v1/orders"


def test_provider_is_asked_once_for_what_it_publishes(browser):
    for _ in range(2):
        browser.sign_in()
        browser.client.logout()
    assert len(browser.op.requests_to("/op/.well-known/openid-configuration")) == 1
    assert len(browser.op.requests_to("/op/jwks")) == 1


def test_statements_of_a_login_and_of_an_api_call(browser, count_statements):
    browser.sign_in()
    browser.client.logout()
    query = browser.op.authorize(browser.start())
    with count_statements(at_most=9):
        browser.come_back(query)
    with count_statements(at_most=2):
        assert browser.client.get("/orders/").status_code == 200


@pytest.mark.spec("OAuth for Browser-Based Apps", "6.1", "RP-81: no secret rests in clear")
def test_no_secret_is_in_database_session_or_cookies(browser, site, caplog):
    caplog.set_level("DEBUG")
    location = browser.start()
    query = browser.op.authorize(location)
    cookies = "".join(cookie.value for cookie in browser.client.cookies.values())
    pages = browser.come_back(query).content.decode() + browser.client.get("/account/").content.decode()
    (token_request,) = browser.op.requests_to("/op/token")
    grant = TokenGrant.objects.get()
    secrets = [grant.held.access_token, grant.held.refresh_token, grant.held.id_token, CLIENT_SECRET]
    secrets += [token_request.form["code"], token_request.form["code_verifier"]]
    rested = everything_in_the_database() + cookies + str(dict(browser.client.session)) + pages + caplog.text
    rested += repr(grant) + repr(grant.held) + str(RPSession.objects.get())
    assert [secret for secret in secrets if re.search(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", rested)] == []


def everything_in_the_database() -> str:
    text = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # names of our own tables
            text.append(str(cursor.fetchall()))
    return "".join(text)
