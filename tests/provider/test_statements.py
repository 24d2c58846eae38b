"""How many SQL statements each endpoint runs (performance.md); BEGIN and COMMIT are not among them."""

import pytest

from codeflow.provider import clients, keys
from tests.provider.exchange import code_for, tokens_for

pytestmark = pytest.mark.django_db(transaction=True)


def forget_everything():
    """As in a process that has just started."""
    clients._known.clear()
    keys._signing.clear()


def test_token_exchange_in_a_cold_process(signed_in, party, count_statements):
    keys.signing_key("RS256")  # the very first exchange also makes the key
    code = code_for(signed_in, party)
    forget_everything()
    with count_statements(at_most=8) as counted:
        assert party.redeem(code).status_code == 200
    assert counted.commits == 1


def test_token_exchange_in_a_warm_process(signed_in, party, count_statements):
    tokens_for(signed_in, party)
    code = code_for(signed_in, party)
    with count_statements(at_most=6) as counted:
        assert party.redeem(code).status_code == 200
    assert counted.commits == 1


def test_authorize_with_remembered_consent(signed_in, party, count_statements):
    code_for(signed_in, party)
    forget_everything()
    with count_statements(at_most=7):
        signed_in.authorize(party.request())
    assert "code=" in signed_in.location


def test_authorize_with_remembered_consent_in_a_warm_process(signed_in, party, count_statements):
    code_for(signed_in, party)
    signed_in.authorize(party.request())
    with count_statements(at_most=5):
        signed_in.authorize(party.request())
    assert "code=" in signed_in.location


def test_userinfo_runs_one_statement(signed_in, party, count_statements):
    tokens = tokens_for(signed_in, party)
    with count_statements(at_most=1):
        assert party.userinfo(tokens["access_token"]).status_code == 200


def test_protected_view_runs_one_statement(signed_in, party, count_statements):
    tokens = tokens_for(signed_in, party)
    with count_statements(at_most=1):
        answer = party.transport.send(
            "GET", "/api/notes/", headers={"Authorization": f"Bearer {tokens['access_token']}"}
        )
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_introspection_runs_two_statements_at_most(signed_in, party, count_statements, kind):
    tokens = tokens_for(signed_in, party)
    with count_statements(at_most=2):
        assert party.introspect(tokens[kind]).json()["active"] is True


def test_refresh_in_a_cold_process(signed_in, party, count_statements):
    tokens = tokens_for(signed_in, party)
    forget_everything()
    with count_statements(at_most=8) as counted:
        assert party.refresh(tokens["refresh_token"]).status_code == 200
    assert counted.commits == 1


def test_refresh_in_a_warm_process(signed_in, party, count_statements):
    tokens = tokens_for(signed_in, party)
    with count_statements(at_most=6) as counted:
        assert party.refresh(tokens["refresh_token"]).status_code == 200
    assert counted.commits == 1


def test_remembered_consent_costs_the_same_for_a_person_with_many_grants(signed_in, party, count_statements):
    for _ in range(5):
        tokens_for(signed_in, party)
    with count_statements(at_most=5):
        signed_in.authorize(party.request())


def test_anonymous_request_writes_nothing(browser, party, count_statements):
    with count_statements() as counted:
        browser.authorize(party.request())
    assert browser.has_form("codeflow-login")
    assert not [sql for sql in counted.sql if not sql.startswith("SELECT")]
