"""Signing out: here, at the provider, and giving the refresh token back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from codeflow.relying_party.models import RPSession, TokenGrant
from tests.relying_party.misbehaving_provider import Reply


def test_sign_out_here_ends_session_grant_and_refresh_token(browser, events):
    browser.sign_in()
    response = browser.client.post("/auth/logout/")
    assert (response.status_code, response.headers["Location"]) == (303, "/auth/signed-out/")
    assert not browser.is_signed_in
    assert not RPSession.objects.exists()
    assert not TokenGrant.objects.exists()
    assert not browser.op.refresh_tokens
    assert events[-1].name == "logged_out"
    assert "You are signed out" in browser.client.get("/auth/signed-out/").content.decode()


@pytest.mark.spec("OIDC RP-Initiated Logout", "2", "the browser brings id_token_hint and where to return")
def test_sign_out_everywhere_goes_to_the_provider(browser):
    browser.sign_in()
    id_token = TokenGrant.objects.get().held.id_token
    location = browser.client.post("/auth/logout/", {"everywhere": "1"}).headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert location.startswith(f"{browser.op.issuer}/logout?")
    assert (asked["id_token_hint"], asked["client_id"]) == (id_token, "shop")
    assert asked["post_logout_redirect_uri"] == "http://testserver/auth/signed-out/"
    assert asked["state"]


@pytest.mark.spec("OIDC RP-Initiated Logout", "3", "T65 RP-87: state of the return changes nothing")
@pytest.mark.parametrize("query", ["", "?state=other", "?next=https://evil.example/"])
def test_return_from_the_provider_lands_on_the_page(browser, query):
    response = browser.client.get(f"/auth/signed-out/{query}")
    assert response.status_code == 200
    assert "evil" not in response.content.decode()


@pytest.mark.spec("CWE", "352", "RP-86: no sign-out by a foreign page")
def test_sign_out_needs_a_post_with_a_csrf_token(browser):
    browser.sign_in()
    page = browser.client.get("/auth/logout/").content.decode()
    assert 'id="logout-here"' in page
    assert 'id="logout-everywhere"' in page
    assert browser.is_signed_in
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.client.cookies
    assert strict.post("/auth/logout/").status_code == 403
    assert browser.is_signed_in


def test_sign_out_can_return_to_a_page_of_this_site_alone(browser):
    for target, expected in (("/account/", "/account/"), ("https://evil.example/", "/auth/signed-out/")):
        assert browser.client.post("/auth/logout/", {"next": target}).headers["Location"] == expected


def test_signed_out_browser_gets_the_page(browser):
    assert 'id="logout-everywhere"' not in browser.client.get("/auth/logout/").content.decode()
    assert browser.client.post("/auth/logout/", {"everywhere": "1"}).headers["Location"] == "/auth/signed-out/"


@pytest.mark.parametrize("status", [500, 400])
def test_sign_out_does_not_fail_with_the_provider(browser, caplog, status):
    browser.sign_in()
    browser.op.replies["/op/revoke"] = lambda: Reply(status=status)
    assert browser.client.post("/auth/logout/").status_code == 303
    assert f"HTTP {status}" in caplog.text


def test_sign_out_works_while_the_provider_is_down(browser, forget_documents):
    browser.sign_in()
    forget_documents()
    browser.op.replies["/op/.well-known/openid-configuration"] = lambda: Reply(status=500)
    response = browser.client.post("/auth/logout/", {"everywhere": "1"})
    assert response.headers["Location"] == "/auth/signed-out/"
    assert not browser.is_signed_in


def test_revocation_that_cannot_be_reached_is_logged(browser, caplog):
    browser.sign_in()

    def hang_up() -> Reply:
        raise ConnectionError

    browser.op.replies["/op/revoke"] = hang_up
    browser.client.post("/auth/logout/")
    assert "refresh token not revoked" in caplog.text


@pytest.mark.parametrize("absent", ["revocation_endpoint", "end_session_endpoint"])
def test_provider_without_the_endpoints_is_left_alone(browser, absent):
    browser.op.metadata[absent] = None
    browser.sign_in()
    response = browser.client.post("/auth/logout/", {"everywhere": "1"})
    assert response.status_code == 303
    if absent == "revocation_endpoint":
        assert not browser.op.requests_to("/op/revoke")
    else:
        assert response.headers["Location"] == "/auth/signed-out/"


def test_no_refresh_token_means_nothing_to_give_back(browser):
    browser.op.token_members["refresh_token"] = ...
    browser.sign_in()
    browser.client.post("/auth/logout/")
    assert not browser.op.requests_to("/op/revoke")


def test_long_id_token_is_no_hint(browser):
    browser.op.claims["filler"] = "x" * 5000
    browser.sign_in()
    location = browser.client.post("/auth/logout/", {"everywhere": "1"}).headers["Location"]
    assert "id_token_hint" not in location
    assert "client_id=shop" in location


def test_grant_gone_before_sign_out(browser):
    browser.sign_in()
    TokenGrant.objects.all().delete()
    location = browser.client.post("/auth/logout/", {"everywhere": "1"}).headers["Location"]
    assert "id_token_hint" not in location


def test_provider_taken_out_of_the_settings(browser, site):
    browser.sign_in()
    site.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {}}
    assert browser.client.post("/auth/logout/", {"everywhere": "1"}).headers["Location"] == "/auth/signed-out/"
    assert not browser.is_signed_in
