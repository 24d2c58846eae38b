"""`oidc_required` and the way to sign in that the middleware makes of ReauthRequired."""

from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from codeflow.relying_party.errors import ProviderUnavailable
from codeflow.relying_party.models import Identity
from tests.relying_party.conftest import path_of

pytestmark = pytest.mark.usefixtures("site")


def test_page_sends_to_sign_in_and_back(browser):
    response = browser.client.get("/account/?tab=1")
    assert (response.status_code, path_of(response.headers["Location"])) == (302, "/auth/login/")
    assert "no-store" in response.headers["Cache-Control"]
    to_provider = browser.client.get(response.headers["Location"])
    assert to_provider.headers["Location"] == "/auth/login/acme/?next=%2Faccount%2F%3Ftab%3D1"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Requested-With": "XMLHttpRequest"},
        {"Accept": "application/json"},
        {"Content-Type": "application/json"},
    ],
)
def test_script_gets_401_with_the_address(browser, headers):
    content_type = headers.get("Content-Type", "text/plain")
    response = browser.client.post("/account/", b"{}", content_type=content_type, headers=headers)
    assert response.status_code == 401
    assert response.json() == {"error": "login_required", "code": "required.login", "login_url": "/auth/login/"}


def test_script_returns_to_the_page_it_runs_on(browser):
    headers = {"Accept": "application/json", "Referer": "http://testserver/page/?a=1"}
    response = browser.client.get("/account/", headers=headers)
    assert response.json()["login_url"] == "/auth/login/?next=%2Fpage%2F%3Fa%3D1"


@pytest.mark.parametrize("referer", ["https://evil.example/x", "http://testserver.evil.example/x", ""])
def test_form_post_is_refused_without_losing_anything(browser, referer):
    response = browser.client.post("/account/", {"text": "long"}, headers={"Referer": referer})
    assert response.status_code == 403
    assert 'href="/auth/login/"' in response.content.decode()


@pytest.mark.spec("OIDC Core", "3.1.2.1", "step-up: what is asked for is checked in the answer")
def test_step_up_asks_for_more_and_the_answer_proves_it(browser):
    browser.sign_in()
    location = browser.client.get("/step-up/").headers["Location"]
    assert path_of(location) == "/auth/login/acme/"
    at_provider = browser.client.get(location).headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(at_provider).query).items()}
    assert (asked["max_age"], asked["acr_values"]) == ("900", "urn:mfa")
    assert asked["scope"].endswith(" orders")
    browser.op.claims["acr"] = "urn:mfa"
    response = browser.come_back(browser.op.authorize(at_provider))
    assert response.headers["Location"] == "/step-up/"
    assert browser.client.get("/step-up/").status_code == 200


@pytest.mark.parametrize(
    ("claims", "scope", "code", "status"),
    [
        ({"acr": "urn:mfa", "auth_time": ...}, None, "id_token.auth_time", 400),
        ({"acr": "urn:mfa", "auth_time": 1_700_000_000}, None, "id_token.auth_time", 400),
        ({"acr": ...}, None, "id_token.acr", 403),
        ({"acr": "urn:password"}, None, "id_token.acr", 403),
        ({"acr": ["urn:mfa"]}, None, "id_token.acr", 403),
        ({"acr": "urn:mfa"}, "openid profile", "scope.missing", 403),
    ],
    ids=["T47 no auth_time", "T47 RP-64 old", "T48 none", "T48 RP-65 lower", "T48 list", "T26 scope"],
)
def test_step_up_that_proves_too_little_is_refused(browser, events, claims, scope, code, status):
    browser.op.claims.update(claims)
    browser.op.scope_granted = scope
    location = browser.client.get("/step-up/").headers["Location"]
    response = browser.come_back(browser.op.authorize(browser.client.get(location).headers["Location"]))
    assert (response.status_code, events[-1].reason) == (status, code)
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    ("claims", "missing"),
    [
        ({"auth_time": 1_700_000_000, "acr": "urn:mfa"}, "max_age"),
        ({"acr": "urn:password"}, "acr"),
        ({"acr": "urn:mfa"}, "scope"),
    ],
)
def test_step_up_is_demanded_for_what_is_missing(browser, claims, missing):
    browser.op.claims.update(claims)
    browser.sign_in()
    response = browser.client.get("/step-up/", headers={"Accept": "application/json"})
    assert response.json()["code"] == f"required.{missing}"


def test_protocol_parameters_in_the_login_address_are_ignored(browser):
    location = browser.start(max_age="0", acr_values="x", scope="admin", prompt="none", demand="forged")
    asked = parse_qs(urlsplit(location).query)
    assert {"max_age", "acr_values", "prompt"}.isdisjoint(asked)
    assert "admin" not in asked["scope"][0]


def test_other_provider_is_demanded(browser, site, op):
    site.CODEFLOW_RELYING_PARTY["PROVIDERS"]["other"] = {**site.ACME}
    browser.come_back(op.authorize(browser.start(provider="other")), provider="other")
    assert browser.client.get("/account/").status_code == 200
    assert path_of(browser.client.get("/step-up/").headers["Location"]) == "/auth/login/acme/"


def test_async_view_is_guarded(browser):
    client = AsyncClient()
    assert async_to_sync(client.get)("/account-async/").status_code == 302
    browser.sign_in()
    client.cookies = browser.client.cookies
    assert async_to_sync(client.get)("/account-async/").status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_unreachable_provider_is_503_for_a_view_that_lets_it_pass(browser, monkeypatch, accept):
    browser.sign_in()

    def fail(*args: object, **options: object) -> None:
        raise ProviderUnavailable("refresh.waiting", "another process holds the lease")

    monkeypatch.setattr("codeflow.relying_party.api.live_access_token", fail)
    response = browser.client.get("/orders/", headers={"Accept": accept})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
