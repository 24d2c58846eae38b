"""What a sign-in does to the browser's session, and `request.oidc`."""

import time

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from codeflow.relying_party.errors import ReauthRequired
from codeflow.relying_party.models import RPSession, TokenGrant
from codeflow.relying_party.sessions import ROW, OidcSession, oidc_session


def put(browser, **values):
    session = browser.client.session
    session.update(values)
    session.save()
    browser.client.cookies["sessionid"] = session.session_key


@pytest.mark.spec("ASVS", "3.2.1", "RP-80: a new session key at sign-in")
def test_anonymous_session_is_replaced_and_its_content_dropped(browser, site):
    site.CODEFLOW_RELYING_PARTY["KEEP_SESSION_KEYS"] = ["language", "cart"]
    put(browser, cart="three apples", planted="by an attacker")
    before = browser.client.session.session_key
    browser.sign_in()
    session = browser.client.session
    assert session.session_key != before
    assert session["cart"] == "three apples"
    assert "planted" not in session


def test_session_holds_keys_of_rows_alone(browser):
    browser.sign_in()
    row = RPSession.objects.get()
    others = ("_auth_user", "_codeflow_provider")  # Django's own, and the other role's where it is installed
    ours = {key: value for key, value in browser.client.session.items() if not key.startswith(others)}
    assert ours == {ROW: row.pk}


def test_signing_in_again_keeps_the_session_and_replaces_the_row(browser):
    browser.sign_in()
    put(browser, cart="three apples")
    first = RPSession.objects.get()
    browser.sign_in()
    assert browser.client.session["cart"] == "three apples"
    assert RPSession.objects.get().pk != first.pk
    assert TokenGrant.objects.count() == 1


def test_signing_in_as_somebody_else_drops_the_session(browser):
    browser.sign_in()
    put(browser, cart="three apples")
    browser.op.sub = browser.op.userinfo["sub"] = "somebody-else"
    browser.op.userinfo["email"] = "b@x.example"
    browser.sign_in()
    assert "cart" not in browser.client.session
    assert browser.client.get("/account/").json()["sub"] == "somebody-else"


def test_row_of_another_user_counts_for_nothing(browser):
    browser.sign_in()
    other = get_user_model().objects.create(username="other")
    row = browser.client.session[ROW]
    browser.client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    put(browser, **{ROW: row})
    assert browser.client.get("/account/").status_code == 302


def test_deleted_row_ends_the_sign_in(browser):
    browser.sign_in()
    RPSession.objects.all().delete()
    assert browser.client.get("/account/").status_code == 302


def request_of(browser):
    request = RequestFactory().get("/")
    request.session = browser.client.session
    request.user = AnonymousUser()
    return request


def test_oidc_tells_who_signed_in_and_shows_no_token(browser):
    browser.op.claims.update(acr="urn:mfa")
    browser.sign_in()
    oidc = oidc_session(request_of(browser))
    assert (oidc.provider, oidc.issuer, oidc.sub) == ("acme", browser.op.issuer, browser.op.sub)
    assert (oidc.acr, oidc.logout_url()) == ("urn:mfa", "/auth/logout/")
    assert oidc.scopes == {"openid", "profile", "email", "offline_access"}
    assert oidc.expires_at > time.time()
    assert oidc.is_fresh(60)
    assert not oidc.is_fresh(-60)
    with pytest.raises(TypeError):
        oidc.claims["name"] = "Mallory"
    token = TokenGrant.objects.get().held.access_token
    assert token not in repr(oidc) + repr(oidc.api("orders")) + repr(vars(oidc))


def test_raw_token_is_handed_out_on_purpose_and_logged(browser, caplog):
    caplog.set_level("INFO", "codeflow.relying_party")
    browser.sign_in()
    with oidc_session(request_of(browser)).token() as token:
        assert token == TokenGrant.objects.get().held.access_token
    assert "raw access token handed out" in caplog.text
    assert token not in caplog.text


def test_nobody_signed_in_is_an_empty_oidc(site):
    for request in (RequestFactory().get("/"), RequestFactory().get("/")):
        oidc = OidcSession(request)
        assert not oidc
        assert (oidc.provider, oidc.issuer, oidc.sub, oidc.acr, dict(oidc.claims)) == ("", "", "", "", {})
        assert (oidc.auth_time, oidc.expires_at, oidc.scopes) == (None, None, frozenset())
        assert not oidc.is_fresh(60)
        with pytest.raises(ReauthRequired):
            oidc.api("orders").get()


def test_request_keeps_one_oidc(site):
    request = RequestFactory().get("/")
    assert oidc_session(request) is oidc_session(request)


def test_sign_in_without_a_grant_row_reaches_no_api(browser):
    browser.sign_in()
    TokenGrant.objects.all().delete()
    oidc = oidc_session(request_of(browser))
    assert (oidc.scopes, oidc.expires_at) == (frozenset(), None)
    with pytest.raises(ReauthRequired):
        oidc.api("orders").get()
