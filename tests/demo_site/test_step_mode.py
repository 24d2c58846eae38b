"""The step mode's words: no parameter that codeflow sends is left unexplained, and each one names where it is written."""

from codeflow.core.authorization import AuthorizationRequest
from codeflow.core.token import AUTHORIZATION_CODE, TokenRequest
from demo_site.step_mode.parameters import PARAMETERS, UNKNOWN, explained

OWN = {"next", "resume"}


def test_authorization_request_is_explained_in_full() -> None:
    sent = AuthorizationRequest(
        response_type="code",
        client_id="notes",
        redirect_uri="http://127.0.0.1:8001/auth/callback/demo/",
        scope="openid",
        state="state",
        nonce="nonce",
        code_challenge="challenge",
        code_challenge_method="S256",
        prompt="login",
        login_hint="alice",
        max_age="60",
        acr_values="2",
        response_mode="query",
    ).to_parameters()
    pairs = list(sent.items()) if isinstance(sent, dict) else list(sent)
    assert not [one.name for one in explained(pairs) if one.parameter is UNKNOWN]


def test_token_request_is_explained_in_full() -> None:
    sent = TokenRequest(
        grant_type=AUTHORIZATION_CODE, code="code", redirect_uri="http://127.0.0.1:8001/", code_verifier="verifier"
    ).to_parameters()
    assert not [one.name for one in explained(sent.items()) if one.parameter is UNKNOWN]


def test_every_parameter_of_a_standard_names_its_section() -> None:
    assert [name for name, parameter in PARAMETERS.items() if not parameter.spec] == ["next", "resume"]


def test_a_strange_parameter_says_that_it_is_strange() -> None:
    (shown,) = explained([("utm_source", "mail")])
    assert shown.parameter is UNKNOWN
