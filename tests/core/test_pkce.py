import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeflow.core import pkce

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

# RFC 7636 appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.spec("RFC 7636", "4.2", "S256 challenge is the base64url of the verifier's SHA-256")
def test_challenge_equals_the_vector_of_appendix_b():
    assert pkce.code_challenge(VERIFIER) == CHALLENGE


@pytest.mark.spec("RFC 7636", "4.6", "verifier must match the challenge")
def test_verifier_of_appendix_b_matches_its_challenge():
    assert pkce.code_verifier_matches(VERIFIER, CHALLENGE)


@pytest.mark.spec("RFC 7636", "4.6", "verifier must match the challenge")
@pytest.mark.parametrize(
    "verifier",
    [
        pytest.param("", id="empty"),
        pytest.param(VERIFIER[:-1] + "l", id="last character differs"),
        pytest.param(VERIFIER + "A", id="one character more"),
        pytest.param(VERIFIER + "\n", id="a line feed after it"),
        pytest.param(CHALLENGE, id="the challenge itself, as plain would have it"),
        pytest.param("é" * 43, id="not ASCII"),
    ],
)
def test_any_other_verifier_does_not_match(verifier):
    assert not pkce.code_verifier_matches(verifier, CHALLENGE)


@pytest.mark.spec("RFC 7636", "4.1", "verifier has 43 to 128 unreserved characters")
@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("a" * 42, False),
        ("a" * 43, True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("-._~" * 11, True),
        ("a" * 42 + "+", False),
        ("a" * 42 + "=", False),
        ("a" * 42 + " ", False),
        ("a" * 43 + "\n", False),
        ("é" * 43, False),
        ("\uff10" * 43, False),
    ],
)
def test_verifier_grammar(value, accepted):
    assert pkce.is_code_verifier(value) is accepted


@pytest.mark.spec("RFC 7636", "4.2", "S256 challenge has 43 base64url characters")
@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        (CHALLENGE, True),
        (CHALLENGE[:-1], False),
        (CHALLENGE + "=", False),
        (CHALLENGE + "\n", False),
        (CHALLENGE[:-1] + "~", False),
        (CHALLENGE[:-1] + "+", False),
        ("", False),
    ],
)
def test_challenge_grammar(value, accepted):
    assert pkce.is_code_challenge(value) is accepted


@pytest.mark.spec("RFC 7636", "7.1", "a new verifier holds 256 random bits")
def test_new_verifiers_are_well_formed_and_differ():
    verifiers = {pkce.new_code_verifier() for _ in range(100)}
    assert len(verifiers) == 100
    assert all(pkce.is_code_verifier(verifier) and len(verifier) == 43 for verifier in verifiers)


@given(st.text(UNRESERVED, min_size=43, max_size=128))
def test_every_verifier_matches_its_own_challenge_and_no_other(verifier):
    challenge = pkce.code_challenge(verifier)
    assert pkce.is_code_challenge(challenge)
    assert pkce.code_verifier_matches(verifier, challenge)
    assert not pkce.code_verifier_matches(verifier, pkce.code_challenge(pkce.new_code_verifier()))


@given(st.text(max_size=200))
def test_no_verifier_from_the_wire_raises(verifier):
    pkce.code_verifier_matches(verifier, CHALLENGE)
