"""The `claims` parameter."""

import json

import pytest

from codeflow.core import jose
from codeflow.core.errors import InvalidRequest
from codeflow.provider.flow.claims_parameter import ClaimsParameter, select, wanted_values
from tests.provider.exchange import tokens_for

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


@pytest.mark.django_db
def test_claims_of_a_scope_that_the_site_dropped_are_ignored(settings, signed_in, party, user):
    """The client's row still lists the scope."""
    known = {name: text for name, text in settings.OAUTH2_PROVIDER["SCOPES"].items() if name != "email"}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "SCOPES": known}
    assert "email" in party.row.allowed_scopes
    claims = json.dumps({"userinfo": {"email": {"essential": True}, "name": None}, "id_token": {"email": None}})
    tokens = tokens_for(signed_in, party, scope="openid offline_access", claims=claims)
    told = party.userinfo(tokens["access_token"]).json()
    assert told == {"sub": str(user.pk), "name": "Ada Byron"}
    assert "email" not in jose.parse(tokens["id_token"])[1]
    assert party.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.django_db
def test_claims_of_a_scope_that_the_site_dropped_are_not_asked_for_on_the_page(settings, signed_in, party):
    known = {name: text for name, text in settings.OAUTH2_PROVIDER["SCOPES"].items() if name != "email"}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "SCOPES": known}
    answer = signed_in.authorize(party.request(scope="openid", claims='{"userinfo": {"email": null}}'))
    assert answer.status_code == 200
    assert signed_in.has_form("codeflow-consent")
    assert [scope["name"] for scope in answer.context["scopes"]] == ["openid"]
