"""Step 6: who is the client?"""

from datetime import timedelta

import pytest
from django.utils import timezone

from codeflow.core.errors import InvalidClient, InvalidRequest
from codeflow.provider import clients
from codeflow.provider.flow import step6_client_authentication as step6
from codeflow.provider.models import ClientSecret
from tests.provider.exchange import basic
from tests.provider.factories import SECRET, ClientFactory, ClientSecretFactory

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
