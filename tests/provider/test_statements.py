"""How many SQL statements each endpoint runs (performance.md); BEGIN and COMMIT are not among them."""

from urllib.parse import urlencode

import pytest
from django.db.models import F

from codeflow.provider import clients, keys
from codeflow.provider.models import AuthorizationCode, ProviderSession, RefreshToken
from codeflow.provider.models.tokens import token_hash
from codeflow.provider.statements import Parameter, Select
from tests.provider.exchange import basic, code_for, tokens_for
from tests.provider.factories import ClientFactory, CodeFactory

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


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "a refusal costs the same, whoever is refused")
@pytest.mark.parametrize("path", ["/o/token/", "/o/introspect/", "/o/revoke/"])
@pytest.mark.parametrize(
    ("named", "origin"),
    [
        ("basic", {}),
        ("form", {}),
        ("basic", {"Origin": "https://evil.example"}),
        ("form", {"Origin": "https://evil.example"}),
    ],
)
def test_refused_client_costs_the_same_whoever_it_is(party, count_statements, path, origin, named):
    disabled, public = ClientFactory(is_active=False), ClientFactory(public=True)
    asking = {
        "unknown": "nobody",
        "wrong secret": party.row.client_id,
        "disabled": disabled.client_id,
        "public": public.client_id,
    }

    def ask(client_id):
        form = {"grant_type": "authorization_code", "code": "x", "token": "x"}
        if named == "form":
            form, headers = {**form, "client_id": client_id, "client_secret": "guess"}, origin
        else:
            headers = {"Authorization": basic(client_id, "guess"), **origin}
        with count_statements() as counted:
            answer = party.post_as_is(path, urlencode(form), **headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        return len(counted)

    cost = {}
    for who, client_id in asking.items():
        forget_everything()
        cost[who] = ask(client_id)
        cost[f"{who}, remembered"] = ask(client_id)
    assert len(set(cost.values())) == 1, cost


def test_a_statement_is_written_once_and_gives_what_the_orm_gives(user):
    """The same rows, joined rows and annotations, with other values each time."""
    lookup = Select(
        AuthorizationCode,
        lambda: (
            AuthorizationCode.objects.select_related("user", "session")
            .filter(code_hash=Parameter("code_hash", AuthorizationCode))
            .annotate(name=F("user__username"))
        ),
    )
    for value in ("one", "two"):
        CodeFactory(value=value, user=user, session=None)
        expected = AuthorizationCode.objects.get(code_hash=token_hash(value))
        found = lookup.first(code_hash=token_hash(value))
        for field in AuthorizationCode._meta.concrete_fields:
            assert getattr(found, field.attname) == getattr(expected, field.attname)
        assert (found.user, found.session, found.name) == (user, None, user.get_username())
    assert lookup.first(code_hash="three") is None


def test_a_session_that_was_cleared_leaves_its_tokens_readable(signed_in, party):
    """Their reference is checked by no constraint: the join finds nothing, and the key stays."""
    tokens = tokens_for(signed_in, party)
    session_id = RefreshToken.objects.get().session_id
    ProviderSession.objects.all().delete()
    assert RefreshToken.objects.get().session_id == session_id
    assert party.refresh(tokens["refresh_token"]).status_code == 200
