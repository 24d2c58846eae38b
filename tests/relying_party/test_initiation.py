"""A third party asks for a sign-in: among our providers and our pages alone."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

pytestmark = pytest.mark.usefixtures("site")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("target", ["/account/?tab=1", "http://testserver/account/?tab=1"])
@pytest.mark.spec("OIDC Core", "4", "a third party may start a sign-in, by GET or POST")
def test_sign_in_starts_and_returns_to_the_target(browser, method, target):
    browser.client = Client(enforce_csrf_checks=True)
    asked = {"iss": browser.op.issuer, "login_hint": "alice", "target_link_uri": target}
    response = getattr(browser.client, method)("/auth/initiate/", asked)
    assert response.status_code == (302 if method == "get" else 303)
    location = response.headers["Location"]
    assert parse_qs(urlsplit(location).query)["login_hint"] == ["alice"]
    assert browser.come_back(browser.op.authorize(location)).headers["Location"] == "/account/?tab=1"
    assert browser.is_signed_in


def test_target_and_hint_may_be_absent(browser):
    location = browser.client.get("/auth/initiate/", {"iss": browser.op.issuer}).headers["Location"]
    assert "login_hint" not in location
    assert browser.come_back(browser.op.authorize(location)).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": ""}, "iss"),
        ({"target_link_uri": "https://evil.example/"}, "target_link_uri"),
        ({"target_link_uri": "//evil.example"}, "target_link_uri"),
        ({"target_link_uri": "http://testserver.evil.example/"}, "target_link_uri"),
        ({"target_link_uri": "http://testserver"}, "target_link_uri"),
        ({"target_link_uri": "javascript:alert(1)"}, "target_link_uri"),
        ({"target_link_uri": "/auth/logout/"}, "target_link_uri"),
        ({"target_link_uri": ["/a/", "/b/"]}, "repeated"),
    ],
)
@pytest.mark.spec("OIDC Core", "4", "T66 RP-05: another issuer or site starts nothing")
def test_foreign_issuer_or_target_starts_nothing(browser, events, changes, code):
    response = browser.client.get("/auth/initiate/", {"iss": browser.op.issuer, **changes})
    assert response.status_code == 400
    assert not response.cookies
    assert (events[-1].reason, events[-1].reference in response.content.decode()) == (f"initiate.{code}", True)
    assert not browser.op.log


@pytest.mark.spec("OIDC Core", "4", "T66 RP-06: not inside a frame")
def test_framed_request_is_refused(browser, events):
    asked = {"iss": browser.op.issuer}
    response = browser.client.get("/auth/initiate/", asked, headers={"Sec-Fetch-Dest": "iframe"})
    assert (response.status_code, events[-1].reason) == (400, "initiate.framed")
    assert browser.client.get("/auth/initiate/", asked).headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("hint", ["a" * 256, "alice\r\nX-Evil: 1"])
def test_odd_hint_is_dropped(browser, hint):
    response = browser.client.get("/auth/initiate/", {"iss": browser.op.issuer, "login_hint": hint})
    assert "login_hint" not in response.headers["Location"]


def test_broken_neighbour_does_not_matter(browser, site):
    site.CODEFLOW_RELYING_PARTY["PROVIDERS"] = {"broken": {}, "acme": site.ACME}
    assert browser.client.get("/auth/initiate/", {"iss": browser.op.issuer}).status_code == 302


def test_tenants_own_issuer_names_its_provider(browser, site):
    template = browser.op.issuer + "/{tenantid}"
    site.ACME.update(issuer_template=template, tenants=["a"])
    response = browser.client.get("/auth/initiate/", {"iss": browser.op.issuer + "/a"})
    assert "initiate.iss" not in response.content.decode()
    assert browser.client.get("/auth/initiate/", {"iss": template}).status_code == 400
