"""Details of the claim rules that the round trips do not reach."""

import pytest

from codeflow.relying_party.flow import claims_checks as claim
from codeflow.relying_party.flow.checklist import shown

RS256 = {"alg": "RS256"}


@pytest.mark.parametrize(
    ("skew", "hint"),
    [
        (None, ""),
        (5, ""),
        (94, "; your server's clock is 94 s ahead of the provider's"),
        (-94, "; your server's clock is 94 s behind the provider's"),
    ],
)
def test_expired_token_tells_of_a_wrong_clock(skew, hint):
    made = claim.not_expired({"exp": 1000}, now=2000, leeway=60, clock_skew=skew)
    assert not made.passed
    assert made.actual == f"1000{hint}"


@pytest.mark.spec("OIDC Core", "3.1.3.7", "RP-107: a minute of tolerance, no more")
@pytest.mark.parametrize(("exp", "passed"), [(1941, True), (1940, False)])
def test_leeway(exp, passed):
    assert claim.not_expired({"exp": exp}, now=2000, leeway=60, clock_skew=90).passed is passed


@pytest.mark.spec("OIDC Core", "3.1.3.6", "T46: an unknown hash fails closed (CVE-2026-28498)")
def test_hash_that_cannot_be_made_fails():
    assert not claim.hash_matches({"at_hash": "x"}, "at_hash", "token", {"alg": "XS999"}).passed
    assert not claim.hash_matches({"at_hash": "x"}, "at_hash", "tökén", RS256).passed


def test_hash_of_nothing_is_not_judged():
    assert claim.hash_matches({"c_hash": "x"}, "c_hash", "", RS256).passed


def test_trusted_audiences_pass_with_azp():
    claims = {"aud": ["shop", "api"], "azp": "shop"}
    assert claim.audiences_are_trusted(claims, client_id="shop", trusted=("api",)).passed
    assert claim.authorized_party_matches(claims, client_id="shop").passed
    assert not claim.authorized_party_matches({"aud": ["shop", "api"]}, client_id="shop").passed


def test_shown_values_are_short_and_printable():
    assert shown("a\x1b[31m\n") == "a?[31m?"
    assert len(shown("a" * 1000)) == 200
    assert (shown(None), shown(7)) == ("absent", "7")
