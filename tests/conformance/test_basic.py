"""oidcc-basic-certification-test-plan and oidcc-formpost-basic-certification-test-plan, static clients."""

import base64
import json
from urllib.parse import urlencode, urljoin

import pytest

from codeflow.core.pkce import code_challenge, new_code_verifier
from tests.conformance.conditions import (
    NEEDS_A_PAGE,
    check_code,
    check_error,
    check_error_page,
    check_flow,
    check_grant_error,
    check_random,
    check_refreshed,
    check_rest_of_flow,
    check_scopes,
    check_userinfo,
)
from tests.conformance.suite import new_value
from tests.conformance.user_agent import CONSENT, FORM_POST, LOGIN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

EVERY_SCOPE = ("profile", "email", "address", "phone")


def on_the_way(suite, *pages):
    """The pages a person sees, and the one that carries the answer in the form_post plan."""
    return [*pages, FORM_POST] if suite.form_post else list(pages)


def unsigned(claims):
    """A request object with alg none (OIDC Core 6.1)."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, claims)]
    return b".".join([*parts, b""]).decode()


def same_sign_in(first, second):
    return all(first.id_token[name] == second.id_token[name] for name in ("sub", "auth_time"))


@pytest.mark.postgresql
@pytest.mark.spec("OIDC Core", "3.1", "the whole flow by a static client")
def test_oidcc_server(suite):
    tokens = check_flow(suite)
    assert tokens.answer.shown == on_the_way(suite, LOGIN, CONSENT)
    assert tokens.members.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert "name" not in tokens.id_token


@pytest.mark.spec("RFC 6749", "3.1.1", "a missing response_type is an error")
def test_oidcc_response_type_missing(suite):
    answer = suite.authorize(response_type=None)
    check_error(suite, answer, "invalid_request", "unsupported_response_type")
    assert answer.shown == on_the_way(suite)


@pytest.mark.spec("OIDC Core", "5.3.1", "userinfo by GET")
def test_oidcc_userinfo_get(suite):
    tokens = check_flow(suite, scope="openid profile email")
    claims = check_userinfo(tokens, suite.userinfo(tokens.access_token))
    check_scopes(claims, "profile", "email")


@pytest.mark.spec("OIDC Core", "5.3.1", "userinfo by POST, the token in the header")
def test_oidcc_userinfo_post_header(suite):
    tokens = check_flow(suite)
    endpoint = suite.metadata["userinfo_endpoint"]
    check_userinfo(tokens, suite.post(endpoint, {}, Authorization=f"Bearer {tokens.access_token}"))


@pytest.mark.spec("RFC 6750", "2.2", "userinfo by POST, the token in the body")
def test_oidcc_userinfo_post_body(suite):
    tokens = check_flow(suite)
    form = {"access_token": tokens.access_token}
    check_userinfo(tokens, suite.post(suite.metadata["userinfo_endpoint"], form))


@pytest.mark.spec("OIDC Core", "3.1.2.1", "nonce is optional in the code flow")
def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(suite):
    answer = suite.authorize(nonce=None)
    assert "code_challenge" not in answer.request
    assert "nonce" not in check_rest_of_flow(suite, answer).id_token


@pytest.mark.spec("OIDC Core", "5.4", "scope profile: its fourteen claims at userinfo")
def test_oidcc_scope_profile(suite):
    tokens = check_flow(suite, scope="openid profile")
    claims = check_userinfo(tokens, suite.userinfo(tokens.access_token))
    check_scopes(claims, "profile")
    assert len(claims) == 1 + 14


@pytest.mark.spec("OIDC Core", "5.4", "scope email: its claims at userinfo")
def test_oidcc_scope_email(suite):
    tokens = check_flow(suite, scope="openid email")
    claims = check_userinfo(tokens, suite.userinfo(tokens.access_token))
    check_scopes(claims, "email")
    assert not tokens.id_token.keys() & {"email", "email_verified"}


@pytest.mark.spec("OIDC Core", "5.1.1", "address is a JSON object")
def test_oidcc_scope_address(suite):
    tokens = check_flow(suite, scope="openid address")
    claims = check_userinfo(tokens, suite.userinfo(tokens.access_token))
    check_scopes(claims, "address")
    assert claims["address"]["country"] == "Germany"


@pytest.mark.spec("OIDC Core", "5.4", "scope phone: its claims at userinfo")
def test_oidcc_scope_phone(suite):
    tokens = check_flow(suite, scope="openid phone")
    check_scopes(check_userinfo(tokens, suite.userinfo(tokens.access_token)), "phone")


@pytest.mark.spec("OIDC Core", "5.4", "all scopes at once")
def test_oidcc_scope_all(suite):
    tokens = check_flow(suite, scope=" ".join(("openid", *EVERY_SCOPE)))
    check_scopes(check_userinfo(tokens, suite.userinfo(tokens.access_token)), *EVERY_SCOPE)
    assert set(tokens.members["scope"].split()) == {"openid", *EVERY_SCOPE}


@pytest.mark.spec("RFC 6749", "3.3", "the order of scopes and parameters does not matter")
def test_oidcc_alternate_happy_flow(suite):
    request = suite.request(scope=" ".join((*reversed(EVERY_SCOPE), "openid")))
    tokens = check_rest_of_flow(suite, suite.send(dict(reversed(request.items()))))
    check_scopes(check_userinfo(tokens, suite.userinfo(tokens.access_token)), *EVERY_SCOPE)


@pytest.mark.spec("OIDC Core", "3.1.2.1", "display=page is no error")
def test_oidcc_display_page(suite):
    check_flow(suite, display="page")


@pytest.mark.spec("OIDC Core", "3.1.2.1", "display=popup is no error")
def test_oidcc_display_popup(suite):
    check_flow(suite, display="popup")


@pytest.mark.spec("OIDC Core", "3.1.2.1", "prompt=login signs in again")
def test_oidcc_prompt_login(suite, clock):
    first = check_flow(suite)
    clock.advance(2)
    suite.agent.open(f"{suite.metadata['authorization_endpoint']}?{urlencode(suite.request(prompt='login'))}")
    suite.agent.open(urljoin(suite.issuer, suite.agent.form(LOGIN).fields["next"]))
    assert suite.agent.has(LOGIN), "going on without signing in"
    second = check_flow(suite, prompt="login")
    assert second.answer.shown == on_the_way(suite, LOGIN)
    assert second.id_token["auth_time"] > first.id_token["auth_time"]
    assert second.id_token["sub"] == first.id_token["sub"]


@pytest.mark.spec("OIDC Core", "3.1.2.6", "prompt=none without a session is an error")
def test_oidcc_prompt_none_not_logged_in(suite):
    answer = suite.authorize(prompt="none", state=new_value(128))
    check_error(suite, answer, *NEEDS_A_PAGE)
    assert len(answer.parameters["state"]) == 128
    assert answer.shown == on_the_way(suite)


@pytest.mark.spec("OIDC Core", "3.1.2.1", "prompt=none with a session gives a code at once")
def test_oidcc_prompt_none_logged_in(suite, clock):
    first = check_flow(suite)
    clock.advance(2)
    second = check_flow(suite, prompt="none")
    assert second.answer.shown == on_the_way(suite)
    assert same_sign_in(first, second)


@pytest.mark.spec("OIDC Core", "3.1.2.1", "max_age that has passed signs in again")
def test_oidcc_max_age_1(suite, clock):
    first = check_flow(suite)
    clock.advance(2)
    second = check_flow(suite, max_age="1")
    assert second.answer.shown == on_the_way(suite, LOGIN)
    assert second.id_token["auth_time"] > first.id_token["auth_time"]
    assert second.id_token["iat"] - second.id_token["auth_time"] <= 1 + 5  # recent, with the suite's leeway
    assert second.id_token["sub"] == first.id_token["sub"]


@pytest.mark.spec("OIDC Core", "3.1.2.1", "max_age that has not passed asks nothing")
def test_oidcc_max_age_10000(suite, clock):
    first = check_flow(suite, max_age="10000")
    clock.advance(2)
    second = check_flow(suite, max_age="10000")
    assert second.answer.shown == on_the_way(suite)
    assert same_sign_in(first, second)


@pytest.mark.spec("RFC 6749", "3.1", "unknown parameters are ignored")
def test_oidcc_ensure_request_with_unknown_parameter_succeeds(suite):
    check_flow(suite, extra="foobar")


@pytest.mark.spec("OIDC Core", "3.1.2.1", "id_token_hint of the person who is signed in")
def test_oidcc_id_token_hint(suite, clock):
    first = check_flow(suite)
    clock.advance(2)
    second = check_flow(suite, prompt="none", id_token_hint=first.members["id_token"])
    assert second.answer.shown == on_the_way(suite)
    assert same_sign_in(first, second)


@pytest.mark.spec("OIDC Core", "3.1.2.1", "login_hint is no error")
def test_oidcc_login_hint(suite):
    request = suite.request(login_hint="bob@example.com")
    suite.agent.open(f"{suite.metadata['authorization_endpoint']}?{urlencode(request)}")
    assert suite.agent.form(LOGIN).fields["username"] == "bob@example.com"
    check_flow(suite, login_hint="bob@example.com")


@pytest.mark.spec("OIDC Core", "3.1.2.1", "ui_locales is no error")
def test_oidcc_ui_locales(suite):
    check_flow(suite, ui_locales="se")


@pytest.mark.spec("OIDC Core", "5.2", "claims_locales is no error")
def test_oidcc_claims_locales(suite):
    check_flow(suite, claims_locales="se")


@pytest.mark.spec("OIDC Core", "3.1.2.1", "acr_values is no error, and acr says what was met")
def test_oidcc_ensure_request_with_acr_values_succeeds(suite):
    values = suite.metadata.get("acr_values_supported", ["1", "2"])
    assert check_flow(suite, acr_values=" ".join(values)).id_token["acr"] in values


@pytest.mark.spec("RFC 6749", "4.1.2", "a code is good once")
def test_oidcc_codereuse(suite):
    tokens = check_flow(suite)
    check_grant_error(suite.redeem(tokens.answer))


@pytest.mark.spec("RFC 6749", "4.1.2", "a code used again ends what it gave")
def test_oidcc_codereuse_30seconds(suite, clock):
    tokens = check_flow(suite)
    clock.advance(30)
    check_grant_error(suite.redeem(tokens.answer))
    refused = suite.userinfo(tokens.access_token)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


@pytest.mark.spec("OIDC Core", "3.1.2.1", "an unregistered redirect_uri is a page")
def test_oidcc_ensure_registered_redirect_uri(suite):
    answer = suite.authorize(redirect_uri=f"{suite.redirect_uri}/{new_value()}")
    check_error_page(suite, answer, reason="redirect_uri_mismatch")


@pytest.mark.spec("OIDC Core", "3.1.2.1", "an authentication request by POST")
def test_oidcc_ensure_post_request_succeeds(suite):
    answer = suite.send(suite.request(scope="openid email"), by_post=True)
    assert answer.shown == on_the_way(suite, LOGIN, CONSENT)
    tokens = check_rest_of_flow(suite, answer)
    check_scopes(check_userinfo(tokens, suite.userinfo(tokens.access_token)), "email")


@pytest.mark.spec("OIDC Core", "9", "client_secret_post")
def test_oidcc_server_client_secret_post(suite):
    tokens = check_flow(suite, "client_secret_post")
    assert tokens.client.token_endpoint_auth_method == "client_secret_post"
    assert "client_secret_post" in suite.metadata["token_endpoint_auth_methods_supported"]


@pytest.mark.spec("OIDC Core", "6.1", "a request object is refused with its own error")
def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(suite):
    inside = suite.request()
    outside = {name: inside[name] for name in inside if name not in ("state", "nonce")}
    answer = suite.send({**outside, "request": unsigned(inside)})
    check_error(suite, answer, "request_not_supported")
    assert "state" not in answer.parameters
    assert suite.metadata["request_parameter_supported"] is False
    assert answer.shown == on_the_way(suite)


@pytest.mark.spec("OIDC Core", "5.5", "a claim that the claims parameter asks for")
def test_oidcc_claims_essential(suite):
    tokens = check_flow(suite, claims=json.dumps({"userinfo": {"name": {"essential": True}}}))
    claims = check_userinfo(tokens, suite.userinfo(tokens.access_token))
    assert claims.keys() == {"sub", "name"}
    assert "name" not in tokens.id_token


@pytest.mark.spec("OIDC Core", "6.1", "a request object never saves a wrong redirect_uri")
def test_oidcc_ensure_request_object_with_redirect_uri(suite):
    inside = suite.request()
    outside = {**inside, "redirect_uri": f"{suite.redirect_uri}/{new_value()}"}
    answer = suite.send({**outside, "request": unsigned(inside)})
    check_error_page(suite, answer, reason="redirect_uri_mismatch")


@pytest.mark.postgresql
@pytest.mark.spec("OIDC Core", "12", "refresh tokens of two clients")
def test_oidcc_refresh_token(suite, clock):
    last = {role: refreshed_once(suite, role, clock) for role in ("client", "client2")}
    for mine, others in (("client", "client2"), ("client2", "client")):
        form = {"grant_type": "refresh_token", "refresh_token": last[others]}
        check_grant_error(suite.call_token_endpoint(form, mine))
    for role, refresh_token in last.items():  # and the attempt did no harm to its owner
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        assert suite.call_token_endpoint(form, role).status_code == 200


def refreshed_once(suite, role, clock):
    """The refresh token that the first one was replaced by."""
    assert "refresh_token" in suite.metadata["grant_types_supported"]
    scope = "openid offline_access"
    granted = check_flow(suite, role, scope=scope)
    assert CONSENT in granted.answer.shown
    first = check_flow(suite, role, scope=scope, prompt="consent")
    assert first.answer.shown == on_the_way(suite, CONSENT), "prompt=consent asks again"
    assert first.members["refresh_token"] != granted.members["refresh_token"]
    check_random(first.members["refresh_token"])
    clock.advance(2)
    form = {"grant_type": "refresh_token", "refresh_token": first.members["refresh_token"]}
    response = suite.call_token_endpoint({**form, "scope": scope} if role == "client" else form, role)
    second = check_refreshed(suite, first, response, role)
    check_random(second.members["refresh_token"])
    check_userinfo(second, suite.userinfo(second.access_token))
    return second.members["refresh_token"]


@pytest.mark.spec("RFC 7636", "4.3", "PKCE with S256")
def test_oidcc_ensure_request_with_valid_pkce_succeeds(suite):
    verifier = new_code_verifier()
    answer = suite.authorize(code_challenge=code_challenge(verifier), code_challenge_method="S256")
    check_code(suite, answer)
    check_rest_of_flow(suite, answer, code_verifier=verifier)
