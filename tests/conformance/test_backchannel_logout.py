"""oidcc-backchannel-rp-initiated-logout-certification-test-plan."""

import time
from urllib.parse import urlsplit

import pytest

from codeflow.core import jose
from tests.conformance.conditions import check_flow, check_signed_out
from tests.conformance.metadata import check_discovery, check_jwks
from tests.conformance.suite import new_value

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.mark.spec("Back-Channel Logout", "2.1", "support in the metadata")
def test_oidcc_backchannel_logout_discovery_endpoint_verification(suite):
    document = check_discovery(suite)
    check_jwks(suite)
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
    assert document["end_session_endpoint"].startswith(f"{suite.issuer}/")


@pytest.mark.postgresql
@pytest.mark.spec("Back-Channel Logout", "2.4, 2.5", "the logout token reaches the client")
@pytest.mark.usefixtures("trusted_listener")
def test_oidcc_backchannel_rp_initiated_logout(suite):
    tokens = check_flow(suite)
    suite.listener.heard.clear()
    answer = suite.end_session(
        id_token_hint=tokens.members["id_token"],
        post_logout_redirect_uri=suite.configuration.post_logout_redirect_uri,
        state=new_value(128),
    )
    told, arrived = suite.listener.heard
    check_logout_request(suite, told)
    check_logout_token(suite, tokens, told.form[0][1])
    assert arrived is answer.heard
    assert answer.pairs == [("state", answer.request["state"])]
    check_signed_out(suite)


def check_logout_request(suite, told):
    assert (told.method, told.path) == ("POST", urlsplit(suite.configuration.backchannel_logout_uri).path)
    assert told.tls_version in ("TLSv1.2", "TLSv1.3")
    assert told.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert told.query == []
    assert [name for name, _ in told.form] == ["logout_token"]


def check_logout_token(suite, tokens, logout_token):
    """Back-Channel Logout 2.4, 2.6."""
    verified = jose.verify(logout_token, suite.jwks(), algorithms=["RS256"], types=["logout+jwt"])
    assert verified.header["typ"] == "logout+jwt"
    assert verified.header["kid"] == jose.parse(tokens.members["id_token"])[0]["kid"]
    claims = verified.claims
    now = time.time()
    assert claims["iss"] == suite.issuer
    assert claims["aud"] == tokens.client.client_id
    assert now - 60 < claims["iat"] <= now
    assert now < claims["exp"] <= now + 120
    assert claims["jti"]
    assert claims["events"] == {EVENT: {}}
    assert claims["sub"] == tokens.id_token["sub"]
    assert claims["sid"] == tokens.id_token["sid"]
    assert "nonce" not in claims
