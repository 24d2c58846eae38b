"""oidcc-client-refreshtoken-test-plan."""

import pytest

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


def call(suite):
    """The site calls userinfo again after the provider let the first access token end."""
    suite.sign_in()
    suite.op.expire_access_tokens()
    before = len(suite.op.requests_to("/userinfo"))
    response = suite.client.get("/call", headers=JSON)
    return response, suite.op.requests_to("/userinfo")[before:]


@pytest.mark.spec("OIDC Core", "12", "a refresh, then userinfo with the new token")
def test_oidcc_client_test_refresh_token(suite):
    suite.op.ways.replies.clear()
    response, asked = call(suite)
    assert (response.status_code, response.json()["sub"]) == (200, "user-subject-1234531")
    assert suite.op.requests_to("/token")[-1].form["grant_type"] == "refresh_token"
    assert asked[-1].bearer in suite.op.state.access_tokens


@pytest.mark.spec("OIDC Core", "12.2", "another iss in the refreshed ID token: the new token is not used")
def test_oidcc_client_test_refresh_token_invalid_issuer(suite):
    suite.op.misbehave("refresh_iss_wrong")
    response, asked = call(suite)
    assert response.status_code == 401
    assert not [request for request in asked if request.bearer in suite.op.state.access_tokens]


@pytest.mark.spec("OIDC Core", "12.2", "another sub in the refreshed ID token: the new token is not used")
def test_oidcc_client_test_refresh_token_invalid_sub(suite):
    suite.op.misbehave("refresh_sub_wrong")
    response, asked = call(suite)
    assert response.status_code == 401
    assert not [request for request in asked if request.bearer in suite.op.state.access_tokens]
