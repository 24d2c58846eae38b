"""Each misbehaviour has the outcome that the list states."""

import pytest
from django.test import Client

from codeflow.relying_party.models import Identity, RPSession, TokenGrant
from codeflow.testing import MISBEHAVIOURS, NotSignedIn, fake_provider, signed_in

STATUS = {"A": 200, "B": 400, "C": 400, "D": 503, "E": 403}
NEEDS = {"": {}, "max_age": {"max_age": 900}, "acr": {"acr": "urn:mfa"}}

AT_SIGN_IN = [item for item in MISBEHAVIOURS.values() if item.needs in (*NEEDS, "required_scope")]
AT_A_CALL = [item for item in MISBEHAVIOURS.values() if item.needs in ("refresh", "api")]


def named(items):
    return pytest.mark.parametrize("item", items, ids=[item.name for item in items])


@pytest.fixture
def op():
    with fake_provider("acme") as provider:
        provider.user("alice", email="a@x.example")
        provider.api("orders", {"/v1/orders": []})
        yield provider


@named(AT_SIGN_IN)
def test_outcome_at_sign_in(client, op, site, item):
    if item.needs == "required_scope":
        site.ACME["required_scope"] = ["email"]
    op.misbehave(item.name)
    if item.outcome == "-":
        signed_in(client, op, "alice")
        return
    with pytest.raises(NotSignedIn) as refused:
        signed_in(client, op, "alice", **NEEDS.get(item.needs, {}))
    assert refused.value.response.status_code == STATUS[item.outcome]
    assert not any(model.objects.exists() for model in (Identity, RPSession, TokenGrant))
    op.behave()
    signed_in(Client(), op, "alice")


@named(AT_A_CALL)
def test_outcome_at_a_call(client, op, item):
    client.raise_request_exception = False
    signed_in(client, op, "alice")
    op.misbehave(item.name)
    if item.needs == "refresh":
        op.expire_access_tokens()
    response = client.get("/orders", headers={"Accept": "application/json"})
    assert response.status_code == {"F": 401, "D": 503, "C": 500, "-": 200}[item.outcome]


def test_misbehaviours_add_up(client, op):
    op.misbehave("kid_missing", "email_unverified")
    signed_in(client, op, "alice")
    assert Identity.objects.get().claims["email_verified"] == "true"


def test_each_has_a_name_of_its_own_and_a_clause():
    from codeflow.testing.misbehaviours import ALL

    assert len({item.name for item in ALL}) == len(ALL)
    assert all(item.spec and item.outcome in "ABCDEF-" for item in ALL)
