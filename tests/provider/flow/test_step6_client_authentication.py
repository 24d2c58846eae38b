"""Step 6: who is the client?"""

from datetime import timedelta

import pytest
from django.utils import timezone

from codeflow.core.errors import InvalidClient, InvalidRequest
from codeflow.provider import clients
from codeflow.provider.flow import step6_client_authentication as step6
from codeflow.provider.models import Client, ClientSecret
from codeflow.provider.models.tokens import token_hash
from tests.provider.exchange import basic
from tests.provider.factories import SECRET, AccessTokenFactory, ClientFactory, ClientSecretFactory, CodeFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("authorization", "parameters", "method"),
    [
        (basic("a:b", "c d"), {}, "client_secret_basic"),
        (basic("a:b", "c d"), {"client_id": "a:b"}, "client_secret_basic"),
        ("", {"client_id": "a:b", "client_secret": "c d"}, "client_secret_post"),
    ],
)
def test_ways_to_name_oneself(authorization, parameters, method):
    credentials = step6.parse_credentials(authorization, parameters)
    assert (credentials.client_id, credentials.client_secret, credentials.method) == ("a:b", "c d", method)
    assert "c d" not in repr(credentials)


@pytest.mark.spec("RFC 6749", "2.3", "one method per request")
@pytest.mark.parametrize(
    ("authorization", "parameters"),
    [
        (basic("a", "b"), {"client_secret": "b"}),
        (basic("a", "b"), {"client_id": "other"}),
        (basic("a", "b"), {"client_assertion": "x"}),
        ("", {"client_id": "a", "client_secret": "b", "client_assertion": "x"}),
    ],
)
def test_two_ways_at_once(authorization, parameters):
    with pytest.raises(InvalidRequest):
        step6.parse_credentials(authorization, parameters)


@pytest.mark.parametrize(
    ("fields", "authorization", "parameters", "reason"),
    [
        ({}, "", {}, "no_client"),
        ({}, "", {"client_id": "nobody"}, "unknown_client"),
        ({}, "", {"client_id": "nobody\x00"}, "unknown_client"),
        ({"client_id": "c"}, "", {"client_id": "c"}, "no_secret"),
        ({"client_id": "c"}, "", {"client_id": "c", "client_secret": "x"}, "wrong_secret"),
        ({"client_id": "c"}, "", {"client_id": "c", "client_secret": "x" * 513}, "wrong_secret"),
        ({"client_id": "c", "is_active": False}, "", {"client_id": "c", "client_secret": SECRET}, "disabled_client"),
        ({"client_id": "c", "public": True}, "", {"client_id": "c", "client_secret": "x"}, "public_client_with_secret"),
        ({"client_id": "c", "public": True}, basic("c", ""), {}, "public_client_with_secret"),
        (
            {"client_id": "c", "token_endpoint_auth_method": "client_secret_basic"},
            "",
            {"client_id": "c", "client_secret": SECRET},
            "wrong_method",
        ),
        ({}, "Bearer x", {}, "unknown_scheme"),
        ({}, "Basic %%%", {}, "malformed_basic"),
        ({}, "Basic bm9jb2xvbg==", {}, "malformed_basic"),
        ({}, "Basic JWZmOng=", {}, "malformed_basic"),  # %ff:x, no UTF-8 after decoding
    ],
)
def test_reason_is_for_the_audit_trail_alone(fields, authorization, parameters, reason):
    ClientFactory(**fields)
    with pytest.raises(InvalidClient) as refused:
        step6.authenticate_client(authorization, parameters)
    assert refused.value.reason == reason
    assert refused.value.to_parameters() == InvalidClient().to_parameters()


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "a secret is compared in constant time, an unknown client's too")
@pytest.mark.parametrize("client_id", ["known", "unknown", "without"])
def test_one_comparison_whoever_asks(monkeypatch, client_id):
    ClientFactory(client_id="known")
    ClientFactory(client_id="without", secret="")
    compared = []
    real = clients.secret_matches
    monkeypatch.setattr(clients, "secret_matches", lambda *args: compared.append(args) or real(*args))
    with pytest.raises(InvalidClient):
        step6.authenticate_client("", {"client_id": client_id, "client_secret": "guess"})
    assert len(compared) == 1


def test_every_secret_is_compared_whichever_matches(monkeypatch):
    row = ClientFactory()
    ClientSecretFactory(client=row, value="second")
    compared = []
    real = clients.secret_matches
    monkeypatch.setattr(clients, "secret_matches", lambda *args: compared.append(args) or real(*args))
    assert step6.authenticate_client("", {"client_id": row.client_id, "client_secret": SECRET})
    assert len(compared) == 2


@pytest.mark.parametrize(
    ("secret", "hint"),
    [("sha256$abc", "stored hash"), ("pbkdf2_sha256$1$x", "stored hash"), ("old one", "expired 2020-01-01"), ("x", "")],
)
def test_hint_for_the_operator_names_no_value(secret, hint):
    row = ClientFactory()
    ClientSecretFactory(client=row, value="old one", expires="2020-01-01T00:00:00Z")
    clients._known.clear()
    with pytest.raises(InvalidClient) as refused:
        step6.authenticate_client("", {"client_id": row.client_id, "client_secret": secret})
    assert hint in refused.value.detail
    assert secret not in refused.value.detail or secret == "x"


def test_use_is_noted_once_a_minute(clock, count_statements):
    row = ClientFactory()
    authenticated = step6.authenticate_client(basic(row.client_id, SECRET), {})
    with count_statements() as counted:
        step6.note_use(authenticated)
        step6.note_use(authenticated)
    assert len(counted) == 1
    clock.advance(seconds=61)
    step6.note_use(authenticated)
    noted = ClientSecret.objects.get().last_used
    assert timezone.now() - noted < timedelta(seconds=5)


def test_public_client_has_no_use_to_note(count_statements):
    row = ClientFactory(public=True)
    authenticated = step6.authenticate_client("", {"client_id": row.client_id})
    assert authenticated.method == "none"
    with count_statements(at_most=0):
        step6.note_use(authenticated)


@pytest.mark.spec("RFC 6749", "3.2", "a parameter without a value counts as left out")
@pytest.mark.parametrize("empty", [{"client_secret": ""}, {"client_id": ""}, {"client_id": "", "client_secret": ""}])
def test_empty_credentials_in_the_form_beside_basic_count_as_left_out(party, empty):
    CodeFactory(value="the-code", application=party.row)
    AccessTokenFactory(value="t", application=party.row)
    answer = party.redeem("the-code", **empty)
    assert answer.status_code == 200, answer.text
    assert party.refresh(answer.json()["refresh_token"], **empty).status_code == 200
    assert party.introspect("t", **empty).json()["active"] is True
    assert party.revoke("t", **empty).status_code == 200
    assert party.introspect("t").json() == {"active": False}


@pytest.mark.spec("RFC 6749", "2.3", "one method per request")
def test_secret_in_the_form_beside_basic_is_refused_at_every_endpoint(party):
    CodeFactory(value="the-code", application=party.row)
    answers = [
        party.redeem("the-code", client_secret=SECRET),
        party.introspect("t", client_secret=SECRET),
        party.revoke("t", client_secret=SECRET),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(400, "invalid_request")] * 3


def by_another_process(client, *, value):
    """A new secret that this process is not told about."""
    ClientSecret.objects.bulk_create([ClientSecretFactory.build(client=client, value=value)])


@pytest.mark.django_db(transaction=True)
def test_secret_made_by_another_process_works_at_once():
    row = ClientFactory()
    old, new = basic(row.client_id, SECRET), basic(row.client_id, "made elsewhere")
    assert step6.authenticate_client(old, {})
    assert clients.remembered_client(row.client_id)
    by_another_process(row, value="made elsewhere")
    assert step6.authenticate_client(new, {}).client == row
    assert step6.authenticate_client(old, {}).client == row


@pytest.mark.django_db(transaction=True)
def test_client_that_another_process_enabled_again_works_at_once():
    row = ClientFactory(is_active=False)
    with pytest.raises(InvalidClient):
        step6.authenticate_client(basic(row.client_id, SECRET), {})
    assert clients.remembered_client(row.client_id)
    Client.objects.filter(pk=row.pk).update(is_active=True)
    assert step6.authenticate_client(basic(row.client_id, SECRET), {}).client.is_active


@pytest.mark.django_db(transaction=True)
def test_refusal_by_memory_is_confirmed_before_it_counts():
    """The old ones that this process remembers do not stand in the way of the one that replaced them."""
    row = ClientFactory()
    assert step6.authenticate_client(basic(row.client_id, SECRET), {})
    by_another_process(row, value="made elsewhere")
    gone = ClientSecret.objects.filter(hash="sha256$" + token_hash(SECRET))
    gone._raw_delete(gone.db)  # without the signal that this process would hear
    assert clients.remembered_client(row.client_id)
    assert step6.authenticate_client(basic(row.client_id, "made elsewhere"), {})  # and memory is up to date again
    with pytest.raises(InvalidClient):
        step6.authenticate_client(basic(row.client_id, SECRET), {})
