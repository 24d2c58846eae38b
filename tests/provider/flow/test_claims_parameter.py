"""The `claims` parameter."""

import json

import pytest

from codeflow.core.errors import InvalidRequest
from codeflow.provider.flow.claims_parameter import ClaimsParameter, select, wanted_values

pytestmark = pytest.mark.spec("OIDC Core", "5.5", "claims are asked for one by one")


def parse(**members):
    return ClaimsParameter.parse(json.dumps(members))


def test_nothing_asked():
    assert ClaimsParameter.parse("") == ClaimsParameter() == parse()
    assert ClaimsParameter().to_text() == ""
    assert parse(other={"x": None}) == ClaimsParameter()


def test_text_is_read_back_as_it_was_written():
    asked = parse(userinfo={"email": None, "name": {"essential": True}}, id_token={"acr": {"values": ["1"]}})
    assert ClaimsParameter.parse(asked.to_text()) == asked
    assert asked.scopes == {"email", "profile"}


@pytest.mark.parametrize(
    "text",
    [
        "x", "[]", '{"userinfo": 1}', '{"id_token": []}', '{"userinfo": {"a": 1}}', '{"userinfo": {"a": "x"}}',
        '{"id_token": {"sub": {"value": 1}}}', '{"id_token": {"sub": {"values": "x"}}}',
        '{"id_token": {"acr": {"values": [1]}}}', '{"userinfo": {"sub": {"value": null}}}',
    ],
)  # fmt: skip
def test_other_forms_are_refused(text):
    with pytest.raises(InvalidRequest):
        ClaimsParameter.parse(text)


def test_claims_stay_within_what_the_client_may_ask_for_and_a_consent_covers():
    asked = parse(
        userinfo={"email": None, "name": None, "roles": None}, id_token={"sub": None, "acr": None, "phone_number": None}
    )
    kept = asked.within(frozenset({"profile"}))
    assert set(kept.userinfo) == {"name"}
    assert set(kept.id_token) == {"sub", "acr"}


@pytest.mark.parametrize(
    ("how", "values"),
    [({}, []), ({"value": 1}, [1]), ({"values": [1, 2]}, [1, 2]), ({"values": 1}, []), ({"essential": True}, [])],
)
def test_wanted_values(how, values):
    assert wanted_values(how) == values


def test_selection_gives_what_is_known_and_fits():
    known = {"email": "a@b", "locale": "de", "name": "A"}
    asked = {"email": {}, "locale": {"value": "en"}, "name": {"values": ["A", "B"]}, "phone_number": {}}
    assert select(known, asked) == {"email": "a@b", "name": "A"}


def test_expected_people_and_contexts():
    asked = parse(
        userinfo={"sub": {"value": "1"}}, id_token={"sub": {"values": ["2"]}, "acr": {"essential": True, "value": "x"}}
    )
    assert asked.expected_subs() == {"1", "2"}
    assert asked.essential_acrs() == {"x"}
    assert parse(id_token={"acr": {"essential": "yes", "value": "x"}}).essential_acrs() == frozenset()
