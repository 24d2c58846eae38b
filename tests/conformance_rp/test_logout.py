"""The three logout plans: RP-initiated, back-channel, front-channel."""

import time

import pytest
from django.test import Client

from codeflow.core import jose
from codeflow.testing import signed_in
from codeflow.testing.issuing import LOGOUT_EVENT
from codeflow.testing.keys import part
from codeflow.testing.ways import LEFT_OUT
from tests.conformance_rp.suite import ISSUER

pytestmark = pytest.mark.django_db

POST_LOGOUT = "http://testserver/auth/signed-out/"


@pytest.fixture
def leaving(suite):
    """The suite waits at its end_session_endpoint."""
    suite.sign_in()
    asked = suite.leave()
    assert not suite.is_signed_in
    assert asked["post_logout_redirect_uri"] == POST_LOGOUT
    assert jose.parse(asked["id_token_hint"])[1]["sub"] == "user-subject-1234531"
    assert len(asked["state"]) >= 20
    return asked


@pytest.mark.spec("RP-Initiated Logout", "2, 3", "the client asks with state and takes the person back")
def test_oidcc_client_test_rp_init_logout(suite, leaving):
    assert suite.client.get(f"{POST_LOGOUT}?state={leaving['state']}").status_code == 200
    assert not suite.is_signed_in


@pytest.mark.spec("RP-Initiated Logout", "3", "another state changes nothing")
def test_oidcc_client_test_rp_init_logout_other_state(suite, leaving):
    signed_in(suite.client, suite.op, "user")
    assert suite.client.get(f"{POST_LOGOUT}?state=another").status_code == 200
    assert suite.is_signed_in


@pytest.mark.spec("RP-Initiated Logout", "3", "no state changes nothing")
def test_oidcc_client_test_rp_init_logout_no_state(suite, leaving):
    assert suite.client.get(POST_LOGOUT).status_code == 200
    assert not suite.is_signed_in


def must_be_refused(suite, code, token):
    """400 for that reason, and the session that the token names lives on."""
    response = suite.post_logout_token(token)
    assert response.status_code == 400
    assert code in response.json()["error_description"]
    assert "no-store" in response.headers["Cache-Control"]
    assert suite.is_signed_in


@pytest.mark.spec("Back-Channel Logout", "2.7, 2.8", "a good token ends the session, 200")
def test_oidcc_client_test_rp_backchannel_rpinitlogout(suite):
    suite.sign_in()
    other = Client()
    signed_in(other, suite.op, "user")
    response = suite.post_logout_token(suite.op.logout_token("user", sid=suite.op.state.people["user"].sids[0]))
    assert (response.status_code, "no-store" in response.headers["Cache-Control"]) == (200, True)
    assert not suite.is_signed_in
    assert other.get("/").json()["signed_in"]
    last = suite.op.logout_token("user")
    other.post("/auth/logout/", {"everywhere": "1"})
    assert suite.post_logout_token(last).status_code == 200


@pytest.mark.spec("Back-Channel Logout", "2.6", "alg none")
def test_oidcc_client_test_rp_backchannel_rpinitlogout_alg_none(suite):
    suite.sign_in()
    claims = jose.parse(suite.op.logout_token("user"))[1]
    must_be_refused(suite, "logout_token.alg", f"{part({'alg': 'none', 'typ': 'logout+jwt'})}.{part(claims)}.")


@pytest.mark.spec("Back-Channel Logout", "2.6", "no logout event")
def test_oidcc_client_test_rp_backchannel_rpinitlogout_no_event(suite):
    suite.sign_in()
    must_be_refused(suite, "logout_token.events", suite.op.logout_token("user", events=LEFT_OUT))


@pytest.mark.spec("Back-Channel Logout", "2.4, 2.6", "a nonce")
def test_oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce(suite):
    suite.sign_in()
    must_be_refused(suite, "logout_token.nonce", suite.op.logout_token("user", nonce="a nonce"))


@pytest.mark.spec("Back-Channel Logout", "2.6", "an algorithm that was not registered")
def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg(suite):
    suite.sign_in()
    _, claims, signature = suite.op.logout_token("user").split(".")
    must_be_refused(suite, "logout_token.alg", f"{part({'alg': 'HS256', 'typ': 'logout+jwt'})}.{claims}.{signature}")


@pytest.mark.spec("Back-Channel Logout", "2.6", "another aud")
def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud(suite):
    suite.sign_in()
    must_be_refused(suite, "logout_token.aud", suite.op.logout_token("user", aud="another-client"))


@pytest.mark.spec("Back-Channel Logout", "2.6", "another event")
def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event(suite):
    suite.sign_in()
    must_be_refused(suite, "logout_token.events", suite.op.logout_token("user", events={f"{LOGOUT_EVENT}/other": {}}))


@pytest.mark.spec("Back-Channel Logout", "2.6", "another iss")
def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss(suite):
    suite.sign_in()
    must_be_refused(
        suite, "logout_token.iss", suite.op.logout_token("user", iss="https://evil.example/", iat=int(time.time()))
    )


@pytest.mark.spec("Front-Channel Logout", "2, 3", "the framed page ends the session; the person comes back")
def test_oidcc_client_test_rp_frontchannel_rpinitlogout(suite):
    suite.sign_in()
    sid = suite.op.state.people["user"].sids[0]
    assert suite.client.get("/auth/frontchannel/suite/", {"iss": ISSUER, "sid": "another"}).status_code == 200
    assert suite.is_signed_in
    framed = suite.client.get("/auth/frontchannel/suite/", {"iss": ISSUER, "sid": sid})
    assert framed.status_code == 200
    assert "frame-ancestors https://suite.example" in framed.headers["Content-Security-Policy"]
    assert not suite.is_signed_in
    assert suite.client.get(POST_LOGOUT).status_code == 200
