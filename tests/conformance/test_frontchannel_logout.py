"""oidcc-frontchannel-rp-initiated-logout-certification-test-plan."""

from urllib.parse import urlsplit

import pytest

from tests.conformance.conditions import check_flow, check_page_headers, check_signed_out
from tests.conformance.metadata import check_discovery, check_jwks
from tests.conformance.suite import new_value
from tests.conformance.user_agent import CONTINUE, SIGNED_OUT, element, policy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.mark.spec("Front-Channel Logout", "3", "support in the metadata")
def test_oidcc_frontchannel_logout_discovery_endpoint_verification(suite):
    document = check_discovery(suite)
    check_jwks(suite)
    assert document["frontchannel_logout_supported"] is True
    assert document["frontchannel_logout_session_supported"] is True
    assert document["end_session_endpoint"].startswith(f"{suite.issuer}/")


@pytest.mark.postgresql
@pytest.mark.spec("Front-Channel Logout", "2, 3", "a frame with iss and sid, then back with state")
def test_oidcc_frontchannel_rp_initiated_logout(suite):
    tokens = check_flow(suite)
    suite.listener.heard.clear()
    state = new_value(128)
    answer = suite.end_session(
        id_token_hint=tokens.members["id_token"],
        post_logout_redirect_uri=suite.configuration.post_logout_redirect_uri,
        state=state,
    )
    page = suite.agent.page
    assert answer.shown == [SIGNED_OUT]
    check_page_headers(page)
    assert policy(page)["frame-src"] == [suite.listener.origin]
    assert "script-src" not in policy(page)
    frames = suite.agent.load_frames()
    assert len(frames) == 1
    back = element(page, CONTINUE).attributes["href"]
    assert page.headers["Refresh"].endswith(f"url={back}")
    suite.agent.wait_for_refresh()
    told, arrived = suite.listener.heard
    assert (told.method, told.path) == ("GET", urlsplit(suite.configuration.frontchannel_logout_uri).path)
    assert told.query == [("iss", suite.issuer), ("sid", tokens.id_token["sid"])]
    assert arrived.path == urlsplit(suite.configuration.post_logout_redirect_uri).path
    assert arrived.query == [("state", state)]
    check_signed_out(suite)
