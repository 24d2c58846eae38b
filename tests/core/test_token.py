import pytest

from codeflow.core.token import TokenRequest, TokenResponse

SECRETS = {"code": "the-code", "code_verifier": "the-verifier", "refresh_token": "the-refresh-token"}


@pytest.mark.spec("RFC 6749", "4.1.3", "token request parameters")
def test_code_exchange_crosses_the_wire_unchanged():
    request = TokenRequest(
        grant_type="authorization_code", code="c", redirect_uri="https://rp.example/cb", code_verifier="v"
    )
    assert request.to_parameters() == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": "https://rp.example/cb",
        "code_verifier": "v",
    }
    assert TokenRequest.parse(request.to_parameters()) == request


@pytest.mark.spec("RFC 6749", "6", "refresh request parameters")
def test_refresh_crosses_the_wire_unchanged():
    request = TokenRequest(grant_type="refresh_token", refresh_token="r", scope="openid")
    assert TokenRequest.parse(request.to_parameters()) == request


@pytest.mark.spec("RFC 6749", "3.2", "unknown parameters are ignored, empty ones count as left out")
def test_unknown_and_empty_parameters_are_ignored():
    assert TokenRequest.parse({"grant_type": "refresh_token", "scope": "", "username": "alice"}) == TokenRequest(
        grant_type="refresh_token"
    )


@pytest.mark.spec("RFC 6749", "5.1", "token response members")
def test_response_holds_the_members_that_are_set():
    assert TokenResponse(access_token="a").to_members() == {"access_token": "a", "token_type": "Bearer"}
    assert TokenResponse(
        access_token="a", expires_in=0, refresh_token="r", scope="openid", id_token="i"
    ).to_members() == {
        "access_token": "a",
        "token_type": "Bearer",
        "expires_in": 0,
        "refresh_token": "r",
        "scope": "openid",
        "id_token": "i",
    }


def test_secrets_never_show_in_a_repr():
    shown = repr(TokenRequest(grant_type="authorization_code", **SECRETS))
    shown += repr(TokenResponse(access_token="the-access-token", refresh_token="the-refresh-token", id_token="the-id"))
    assert "the-" not in shown
