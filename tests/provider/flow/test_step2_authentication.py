"""Step 2: is the right person signed in, recently enough?"""

import time

import pytest

from codeflow.core.errors import (
    InteractionRequired,
    InvalidRequest,
    LoginRequired,
    OAuthError,
    UnmetAuthenticationRequirements,
)
from codeflow.provider.flow import step2_authentication as step2
from codeflow.provider.flow.claims_parameter import ClaimsParameter
from codeflow.provider.flow.messages import CheckedAuthorizationRequest, Destination
from codeflow.provider.flow.step2_authentication import TravellingRequest
from codeflow.provider.models import Client
from codeflow.provider.sessions import SignedIn
from tests.provider.factories import UserFactory

NOW = time.time()


def asked(**fields):
    base = {
        "destination": Destination(client=Client(client_id="c"), redirect_uri="https://rp.example/", state=""),
        "scopes": ("openid",),
        "nonce": "",
        "code_challenge": "",
        "prompts": frozenset(),
        "max_age": None,
        "acr_values": (),
        "login_hint": "",
        "hinted_sub": "",
        "resource": (),
        "claims": ClaimsParameter(),
    }
    return CheckedAuthorizationRequest(**{**base, **fields})


def signed(**fields):
    base = {
        "user": UserFactory.build(pk=7),
        "auth_time": NOW - 100,
        "acr": "1",
        "amr": "pwd",
        "spent": False,
        "row": None,
        "consent": None,
        "client_known": False,
    }
    return SignedIn(**{**base, **fields})


def travelling(**fields):
    return TravellingRequest(**{"parameters": [("a", "b")], "asked_at": NOW, **fields})


def test_sealed_request_comes_back_as_it_was():
    pairs = [("scope", "öpenid"), ("scope", ""), ("x", "\x00")]
    sealed = travelling(parameters=pairs, bounces=2).seal()
    assert "openid" not in sealed
    opened = step2.unseal(sealed)
    assert (opened.parameters, opened.asked_at, opened.bounces) == (pairs, NOW, 2)
    assert opened.again().bounces == 3
    assert "openid" not in repr(opened)


@pytest.mark.parametrize("broken", ["", "x", "é", "AAAA", "A" * 1000])
def test_damaged_address_is_a_page(broken):
    with pytest.raises(InvalidRequest) as refused:
        step2.unseal(broken)
    assert refused.value.redirectable is False


def test_address_lives_an_hour(clock):
    sealed = step2.new_request([]).seal()
    clock.advance(seconds=3599)
    step2.unseal(sealed)
    clock.advance(seconds=2)
    with pytest.raises(InvalidRequest) as refused:
        step2.unseal(sealed)
    assert refused.value.reason == "resume_expired"


def test_clocks_of_two_servers_may_differ_a_little(clock):
    sealed = step2.new_request([]).seal()
    clock.advance(seconds=-30)
    step2.unseal(sealed)
    clock.advance(seconds=-60)
    with pytest.raises(InvalidRequest):
        step2.unseal(sealed)


def test_address_opens_after_secret_key_has_moved_to_the_fallbacks(settings):
    sealed = step2.new_request([("a", "b")]).seal()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]
    assert step2.unseal(sealed).parameters == [("a", "b")]


@pytest.mark.spec("OIDC Core", "3.1.2.3", "a request without prompt takes whoever is signed in")
def test_whoever_is_signed_in():
    person = signed()
    assert step2.check_authentication(asked(), person, travelling()) is person
    assert step2.check_authentication(asked(), None, travelling()) is None


@pytest.mark.spec(
    "OIDC Core", "3.1.2.1", "prompt=login wants an authentication after the question, and a new one each time"
)
@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_prompt_login(prompt):
    request = asked(prompts=frozenset({prompt}))
    fresh = signed(auth_time=NOW + 1)
    assert step2.check_authentication(request, signed(), travelling()) is None
    assert step2.check_authentication(request, fresh, travelling()) is fresh
    assert step2.check_authentication(request, signed(auth_time=NOW + 1, spent=True), travelling()) is None
    assert step2.check_authentication(request, signed(auth_time=None), travelling()) is None


@pytest.mark.spec("OIDC Core", "3.1.2.1", "max_age is counted from auth_time")
def test_max_age():
    assert step2.check_authentication(asked(max_age=10_000), signed(), travelling()) is not None
    assert step2.check_authentication(asked(max_age=50), signed(), travelling()) is None
    assert step2.check_authentication(asked(max_age=0), signed(), travelling()) is None
    assert step2.check_authentication(asked(max_age=0), signed(auth_time=NOW + 1), travelling()) is not None
    assert step2.check_authentication(asked(max_age=10_000), signed(auth_time=None), travelling()) is None


@pytest.mark.spec("OIDC Core", "3.1.2.6", "prompt=none shows no page")
@pytest.mark.parametrize(
    ("request_", "person"),
    [
        (asked(prompts=frozenset({"none"})), None),
        (asked(prompts=frozenset({"none"}), max_age=0), signed()),
        (asked(prompts=frozenset({"none"}), hinted_sub="8"), signed()),
    ],
)
def test_prompt_none(request_, person):
    with pytest.raises(LoginRequired):
        step2.check_authentication(request_, person, travelling())


@pytest.mark.spec("OIDC Core", "3.1.2.2", "nobody but the hinted person is answered for")
def test_hinted_person():
    assert step2.check_authentication(asked(hinted_sub="7"), signed(), travelling()) is not None
    assert step2.check_authentication(asked(hinted_sub="8"), signed(), travelling()) is None
    with pytest.raises(LoginRequired):
        step2.check_authentication(asked(hinted_sub="8"), signed(auth_time=NOW + 1), travelling())


@pytest.mark.spec("OIDC Core", "5.5.1.1", "an essential acr is met or the request fails")
def test_essential_acr():
    claims = ClaimsParameter.parse('{"id_token": {"acr": {"essential": true, "values": ["2", "3"]}}}')
    assert step2.check_authentication(asked(claims=claims), signed(acr="3"), travelling()) is not None
    assert step2.check_authentication(asked(claims=claims), signed(), travelling()) is None
    with pytest.raises(UnmetAuthenticationRequirements):
        step2.check_authentication(asked(claims=claims), signed(auth_time=NOW + 1), travelling())
    with pytest.raises(InteractionRequired):
        step2.check_authentication(asked(claims=claims, prompts=frozenset({"none"})), signed(), travelling())
    voluntary = ClaimsParameter.parse('{"id_token": {"acr": {"values": ["2"]}}}')
    assert step2.check_authentication(asked(claims=voluntary), signed(), travelling()) is not None


def test_sign_in_page_that_never_signs_in_is_given_up():
    assert step2.check_authentication(asked(), None, travelling(bounces=4)) is None
    with pytest.raises(InvalidRequest) as refused:
        step2.check_authentication(asked(), None, travelling(bounces=5))
    assert refused.value.reason == "sign_in_loop"
    assert refused.value.redirectable is False


@pytest.mark.spec("OIDC Core", "3.1.2.1", "a person who does not sign in again or choose is an error for the client")
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"prompts": frozenset({"select_account"})}, "account_selection_required"),
        ({"prompts": frozenset({"login"})}, "login_required"),
        ({"prompts": frozenset({"login", "select_account"})}, "login_required"),
        ({"max_age": 50}, "login_required"),
    ],
)
def test_client_hears_of_a_person_who_comes_back_as_they_went(fields, error):
    assert step2.check_authentication(asked(**fields), signed(), travelling(bounces=4)) is None
    with pytest.raises(OAuthError) as refused:
        step2.check_authentication(asked(**fields), signed(), travelling(bounces=5))
    assert refused.value.error == error
    assert refused.value.redirectable
