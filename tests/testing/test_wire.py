"""The corners of a fake provider that no sign-in of the tests above visits."""

import base64
import time

import jwt
import pytest

from codeflow.core import jose
from codeflow.http import BrokeTheRules
from codeflow.testing import Request, fake_provider
from codeflow.testing.issuing import LOGOUT_EVENT
from codeflow.testing.ways import LEFT_OUT
from codeflow.testing.wire import WiredDoor

BASE = "https://login.acme.example"
BASIC = "Basic " + base64.b64encode(b"shop:s3cret%3Awith%2Fspecial%2Bcharacters").decode()
AUTHORIZE = f"{BASE}/authorize?state=s&redirect_uri=https%3A%2F%2Fshop.example%2Fcb%3Fa%3D1&response_mode="


@pytest.fixture
def op():
    with fake_provider("acme") as provider:
        provider.user("alice", sub="alice-1")
        yield provider


def keys(op):
    return WiredDoor().get(f"{op.issuer}/jwks").json()["keys"]


def post(path, form, authorization=BASIC):
    return WiredDoor().post_form(f"{BASE}{path}", form, headers={"Authorization": authorization})


@pytest.mark.spec("RFC 9068", "2.1, 2.2", "an access token for an API of the site itself")
def test_access_token_is_an_rfc_9068_jwt(op):
    token = op.access_token("alice", audience="https://shop.example/api", scope="orders", roles=["buyer"])
    verified = jose.verify(token, keys(op), algorithms=["RS256"], types=["at+jwt"])
    claims = dict(verified.claims)
    assert verified.header == {"alg": "RS256", "kid": "fake-key-1", "typ": "at+jwt"}
    assert claims.pop("exp") > time.time() >= claims.pop("iat") > 0
    assert claims.pop("jti")
    assert claims.pop("auth_time")
    assert claims == {
        "iss": BASE,
        "aud": "https://shop.example/api",
        "sub": "alice-1",
        "client_id": "another-client",
        "scope": "orders",
        "roles": ["buyer"],
    }


def test_claims_of_an_access_token_can_be_left_out(op):
    assert "aud" not in jose.parse(op.access_token("bob", audience="x", aud=LEFT_OUT))[1]
    assert "bob" in op.state.people


@pytest.mark.spec("RFC 7662", "2.2", "introspection explains an opaque token until it is revoked")
def test_opaque_access_token(op):
    token = op.access_token("alice", audience=["https://shop.example/api"], scope="orders", opaque=True)
    answer = post("/introspect", {"token": token}).json()
    assert (answer["active"], answer["sub"], answer["aud"]) == (True, "alice-1", ["https://shop.example/api"])
    op.revoke_access_token(token)
    assert post("/introspect", {"token": token}).json() == {"active": False}
    assert post("/introspect", {"token": token}, "Basic eDp5").status_code == 401


@pytest.mark.spec("Back-Channel Logout", "2.4", "a logout token")
def test_logout_token(op):
    op.authorize(AUTHORIZE)
    verified = jose.verify(op.logout_token("alice"), keys(op), algorithms=["RS256"], types=["logout+jwt"])
    assert verified.claims["events"] == {LOGOUT_EVENT: {}}
    assert (verified.claims["sub"], verified.claims["aud"]) == ("alice-1", "shop")
    assert verified.claims["sid"] == op.state.people["alice"].sids[-1]
    op.misbehave("logout_nonce")
    assert jose.parse(op.logout_token("alice", sub=LEFT_OUT))[1].keys() >= {"nonce", "sid"}


def test_session_less_person_has_a_logout_token_too(op):
    assert jose.parse(op.logout_token("alice"))[1]["sid"] == "no-session"


def test_endpoints_refuse_what_they_do_not_know(op):
    assert post("/token", {"code": "none"}, "Basic eDp5").json() == {"error": "invalid_client"}
    assert post("/token", {"code": "none"}).json() == {"error": "invalid_grant"}
    assert post("/token", {"grant_type": "refresh_token", "refresh_token": "none"}).json() == {"error": "invalid_grant"}
    assert WiredDoor().get(f"{BASE}/userinfo").status_code == 401
    assert WiredDoor().get(f"{BASE}/elsewhere").status_code == 404


def test_code_is_bound_to_its_redirect_uri_and_challenge(op):
    code = dict(op.authorize(AUTHORIZE).pairs)["code"]
    assert post("/token", {"code": code, "redirect_uri": "https://evil.example/"}).json() == {"error": "invalid_grant"}


def test_client_assertion_names_the_client(op):
    for client_id, status in (("shop", 400), ("other", 401)):
        assertion = jwt.encode({"iss": client_id, "sub": client_id}, "0" * 32, algorithm="HS256")
        form = {"client_assertion": assertion, "code": "none"}
        answer = WiredDoor().post_form(f"{BASE}/token", form)
        assert answer.status_code == status


@pytest.mark.spec("Form Post Response Mode", "2", "the answer as a form")
def test_form_post(op, client):
    answer = op.authorize(AUTHORIZE + "form_post")
    assert answer.form_post
    page = client.get(AUTHORIZE + "form_post", secure=True, SERVER_NAME="login.acme.example").content.decode()
    assert 'action="https://shop.example/cb?a=1"' in page
    assert 'name="state" value="s"' in page


def test_query_of_the_redirect_uri_is_kept(op):
    assert op.authorize(AUTHORIZE + "query").reply().headers["Location"].startswith("https://shop.example/cb?a=1&code=")


def test_rules_of_the_door_stay(op):
    with pytest.raises(BrokeTheRules):
        WiredDoor(max_body=10).get(f"{BASE}/jwks")


def test_addresses_of_nobody_go_out_as_ever():
    with fake_provider("acme"), pytest.raises(AssertionError, match="a socket was opened"):
        WiredDoor().get("https://elsewhere.example/")


def test_request_reads_itself():
    request = Request(method="POST", url=f"{BASE}/x?a=1&a=2", headers={"content-type": "application/json"}, body=b"[1]")
    assert (request.query, request.form, request.json()) == ({"a": "1"}, {}, [1])
    assert repr(LEFT_OUT) == "LEFT_OUT"
