import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeflow.core.sealing import SealBroken, Sealer

SEALER = Sealer(["a secret of the tests"], purpose="tests")


@given(st.binary(max_size=300), st.binary(max_size=30))
def test_what_is_sealed_opens_again(plaintext, bound_to):
    assert SEALER.open(SEALER.seal(plaintext, bound_to=bound_to), bound_to=bound_to) == plaintext


def test_the_same_text_never_seals_alike():
    assert SEALER.seal(b"text") != SEALER.seal(b"text")


def test_sealed_text_fits_a_cookie_and_a_url():
    assert set(SEALER.seal(b"\xff" * 100)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Sealer(["another secret"], purpose="tests"), id="another secret"),
        pytest.param(Sealer(["a secret of the tests"], purpose="other"), id="another purpose"),
        pytest.param(Sealer([], purpose="tests"), id="no secret"),
    ],
)
def test_seal_opens_with_no_other_key(other):
    with pytest.raises(SealBroken):
        other.open(SEALER.seal(b"text"))


def test_seal_opens_only_where_it_is_bound():
    with pytest.raises(SealBroken):
        SEALER.open(SEALER.seal(b"text", bound_to=b"row 1"), bound_to=b"row 2")


def test_rotated_secret_still_opens_and_the_first_one_seals():
    rotated = Sealer(["new", "a secret of the tests"], purpose="tests")
    assert rotated.open(SEALER.seal(b"text")) == b"text"
    assert Sealer([b"new"], purpose="tests").open(rotated.seal(b"text")) == b"text"


@pytest.mark.parametrize("position", [0, 1, 14, -1])
def test_changed_seal_is_broken(position):
    sealed = SEALER.seal(b"text")
    changed = list(sealed)
    changed[position] = "A" if changed[position] != "A" else "B"
    with pytest.raises(SealBroken):
        SEALER.open("".join(changed))


@given(st.text(max_size=80))
def test_text_that_nobody_sealed_is_broken(text):
    with pytest.raises(SealBroken):
        SEALER.open(text)


def test_repr_names_the_purpose_and_no_secret():
    assert repr(SEALER) == "<Sealer tests>"
