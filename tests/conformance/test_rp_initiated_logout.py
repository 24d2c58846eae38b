"""oidcc-rp-initiated-logout-certification-test-plan."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from codeflow.core import jose
from tests.conformance.conditions import check_error_page, check_flow, check_page_headers, check_signed_out
from tests.conformance.metadata import check_discovery, check_jwks
from tests.conformance.suite import new_value
from tests.conformance.user_agent import LOGOUT, SIGNED_OUT, element

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def tokens(suite):
    """The person is signed in."""
    return check_flow(suite)


def good_request(suite, tokens):
    return {
        "id_token_hint": tokens.members["id_token"],
        "post_logout_redirect_uri": suite.configuration.post_logout_redirect_uri,
        "state": new_value(128),
    }


def check_post_logout(answer):
    """Arrived at the post_logout_redirect_uri with the state that was sent, and nothing else."""
    assert answer.heard is not None
    assert answer.heard.method == "GET"
    sent = answer.request.get("state")
    assert answer.pairs == ([("state", sent)] if sent else [])


def check_refused(suite, answer, *, reason):
    """An error page, nobody is sent anywhere, and nobody is signed out."""
    check_error_page(suite, answer, reason=reason)
    assert check_flow(suite, prompt="none")


def check_signed_out_page(suite, answer):
    """The page that says so, in words."""
    assert answer.heard is None
    assert answer.shown[-1] == SIGNED_OUT
    assert suite.agent.page.status_code == 200
    assert element(suite.agent.page, SIGNED_OUT).tag == "h1"
    assert "You are signed out" in suite.agent.page.text
    assert "logged out" in suite.agent.page.text
    check_page_headers(suite.agent.page)


@pytest.mark.spec("RP-Initiated Logout", "2.1", "end_session_endpoint in the metadata")
def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(suite):
    document = check_discovery(suite)
    check_jwks(suite)
    assert document["end_session_endpoint"].startswith(f"{suite.issuer}/")


@pytest.mark.postgresql
@pytest.mark.spec("RP-Initiated Logout", "2, 3", "signed out, and back with state")
def test_oidcc_rp_initiated_logout(suite, tokens):
    answer = suite.end_session(**good_request(suite, tokens))
    assert answer.shown == [], "the hint of this session needs no confirmation"
    check_post_logout(answer)
    check_signed_out(suite)


@pytest.mark.spec("RP-Initiated Logout", "3", "an unregistered post_logout_redirect_uri is a page")
def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(suite, tokens):
    request = good_request(suite, tokens)
    uri = f"{request['post_logout_redirect_uri']}/{new_value()}"
    answer = suite.end_session(**{**request, "post_logout_redirect_uri": uri})
    check_refused(suite, answer, reason="logout_uri_mismatch")


@pytest.mark.spec("RP-Initiated Logout", "2", "an unsigned id_token_hint is a page")
def test_oidcc_rp_initiated_logout_modified_id_token_hint(suite, tokens):
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    payload = tokens.members["id_token"].split(".")[1]
    answer = suite.end_session(**{**good_request(suite, tokens), "id_token_hint": f"{header}.{payload}."})
    check_refused(suite, answer, reason="id_token_hint")


@pytest.mark.spec("RP-Initiated Logout", "2", "post_logout_redirect_uri without a client is a page")
def test_oidcc_rp_initiated_logout_no_id_token_hint(suite, tokens):
    request = good_request(suite, tokens)
    del request["id_token_hint"]
    answer = suite.end_session(**request)
    check_refused(suite, answer, reason="no_client")


@pytest.mark.spec("RP-Initiated Logout", "2", "no parameters: asked, then signed out")
def test_oidcc_rp_initiated_logout_no_params(suite, tokens):
    answer = suite.end_session()
    assert answer.shown == [LOGOUT, SIGNED_OUT]
    check_signed_out_page(suite, answer)
    check_signed_out(suite)


@pytest.mark.spec("RP-Initiated Logout", "2", "id_token_hint alone: signed out, our own page")
def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(suite, tokens):
    answer = suite.end_session(id_token_hint=tokens.members["id_token"])
    assert answer.shown == [SIGNED_OUT]
    check_signed_out_page(suite, answer)
    check_signed_out(suite)


@pytest.mark.spec("RP-Initiated Logout", "3", "without state, back without state")
def test_oidcc_rp_initiated_logout_no_state(suite, tokens):
    request = good_request(suite, tokens)
    del request["state"]
    answer = suite.end_session(**request)
    check_post_logout(answer)
    assert answer.pairs == []
    check_signed_out(suite)


@pytest.mark.spec("RP-Initiated Logout", "2", "state alone: asked, then signed out")
def test_oidcc_rp_initiated_logout_only_state(suite, tokens):
    answer = suite.end_session(state=new_value(128))
    assert answer.shown == [LOGOUT, SIGNED_OUT]
    check_signed_out_page(suite, answer)
    check_signed_out(suite)


@pytest.mark.spec("RP-Initiated Logout", "3", "a query added to the registered address is a page")
def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(suite, tokens):
    request = good_request(suite, tokens)
    uri = f"{request['post_logout_redirect_uri']}?extra=1"
    answer = suite.end_session(**{**request, "post_logout_redirect_uri": uri})
    check_refused(suite, answer, reason="logout_uri_mismatch")


@pytest.mark.spec("RP-Initiated Logout", "2", "an id_token_hint that others signed is a page")
def test_oidcc_rp_initiated_logout_bad_id_token_hint(suite, tokens):
    kid = jose.parse(tokens.members["id_token"])[0]["kid"]
    own_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jose.sign(tokens.id_token, own_key, alg="RS256", kid=kid)
    answer = suite.end_session(**{**good_request(suite, tokens), "id_token_hint": forged})
    check_refused(suite, answer, reason="id_token_hint")
