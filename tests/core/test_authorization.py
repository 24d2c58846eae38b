import pytest

from codeflow.core.authorization import (
    AuthorizationRequest,
    AuthorizationResponse,
    repeated_parameters,
    single_valued,
)
from codeflow.core.errors import InvalidRequest

FULL = AuthorizationRequest(
    response_type="code",
    client_id="notes",
    redirect_uri="https://rp.example/cb?a=1",
    scope="openid profile",
    state="s",
    nonce="n",
    code_challenge="c",
    code_challenge_method="S256",
    prompt="login consent",
    max_age="0",
    resource=("https://api.example/a", "https://api.example/b"),
)


@pytest.mark.spec("RFC 6749", "4.1.1", "authorization request parameters")
def test_request_crosses_the_wire_unchanged():
    assert AuthorizationRequest.parse(FULL.to_parameters()) == FULL


@pytest.mark.spec("RFC 6749", "3.1", "unknown parameters are ignored")
def test_unknown_parameters_are_ignored():
    assert AuthorizationRequest.parse([("client_id", "notes"), ("utm_source", "x")]) == AuthorizationRequest(
        client_id="notes"
    )


@pytest.mark.spec("RFC 6749", "3.1", "a parameter without a value counts as left out")
def test_parameter_without_a_value_counts_as_left_out():
    assert AuthorizationRequest.parse([("state", ""), ("nonce", "n")]) == AuthorizationRequest(nonce="n")
    assert single_valued([("state", "")]) == {}


@pytest.mark.spec("RFC 6749", "3.3", "an empty scope is not a missing scope")
def test_empty_scope_is_told_from_a_missing_one():
    assert AuthorizationRequest.parse([("scope", "")]).scope == ""
    assert AuthorizationRequest.parse([]).scope is None
    assert AuthorizationRequest.parse([("scope", "")]).to_parameters() == [("scope", "")]
    assert AuthorizationRequest.parse([]).to_parameters() == []


@pytest.mark.spec("RFC 6749", "3.1", "no parameter is given more than once")
@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope", "unknown"])
@pytest.mark.parametrize("values", [("a", "a"), ("a", "b"), ("", ""), ("a", "")])
def test_repeated_parameter_is_refused(name, values):
    with pytest.raises(InvalidRequest) as caught:
        AuthorizationRequest.parse([(name, value) for value in values])
    assert caught.value.description == "A parameter is given more than once."


@pytest.mark.spec("RFC 8707", "2", "resource may be given several times")
def test_resource_may_repeat():
    request = AuthorizationRequest.parse([("resource", "https://a"), ("resource", "https://b"), ("resource", "")])
    assert request.resource == ("https://a", "https://b")


def test_detail_of_a_refusal_is_bounded():
    with pytest.raises(InvalidRequest) as caught:
        single_valued([("x" * 5000, "1"), ("x" * 5000, "2")])
    assert len(caught.value.detail) <= 200


def test_repeated_parameters_names_what_comes_twice():
    assert repeated_parameters([("a", "1"), ("b", "1"), ("a", "2")]) == {"a"}


@pytest.mark.spec("RFC 6749", "4.1.2", "authorization response parameters")
@pytest.mark.spec("RFC 9207", "2", "iss in the authorization response")
def test_response_crosses_the_wire_unchanged():
    response = AuthorizationResponse(code="c", state="s", iss="https://op.example")
    assert response.to_parameters() == {"code": "c", "state": "s", "iss": "https://op.example"}
    assert AuthorizationResponse.parse(response.to_parameters().items()) == response


@pytest.mark.spec("RFC 6749", "4.1.2.1", "authorization error response parameters")
def test_error_response_crosses_the_wire_unchanged():
    response = AuthorizationResponse(error="access_denied", error_description="The request was denied.", state="s")
    assert AuthorizationResponse.parse(response.to_parameters().items()) == response


@pytest.mark.spec("RFC 6749", "3.1", "no parameter is given more than once")
@pytest.mark.parametrize("name", ["code", "state", "iss", "error"])
def test_repeated_parameter_of_a_response_is_refused(name):
    with pytest.raises(InvalidRequest):
        AuthorizationResponse.parse([(name, "a"), (name, "b")])


def test_repeated_unknown_parameter_of_a_response_is_ignored():
    assert AuthorizationResponse.parse([("code", "c"), ("a", "1"), ("a", "2")]) == AuthorizationResponse(code="c")


def test_secrets_never_show_in_a_repr():
    request = AuthorizationRequest(nonce="hidden", id_token_hint="hidden", login_hint="hidden", request="hidden")
    assert "hidden" not in repr(request) + repr(AuthorizationResponse(code="hidden"))
