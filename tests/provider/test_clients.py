"""Clients and their secrets: register, rotate, find."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from codeflow.provider import clients
from codeflow.provider.models import Client, ClientSecret
from tests.provider.exchange import Party
from tests.provider.factories import REDIRECT_URI, SECRET, ClientFactory, ClientSecretFactory

pytestmark = pytest.mark.django_db


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "a generated secret has 256 random bits and rests as a hash")
def test_registered_client_gets_a_secret_that_is_not_kept():
    client, secret = clients.register_client(name="Shop", redirect_uris=[REDIRECT_URI])
    assert secret.startswith("cfs_")
    assert len(secret) == 4 + 43
    row = client.secrets.get()
    assert row.hash.startswith("sha256$")
    assert secret not in row.hash
    assert row.hint == secret[-4:]
    assert clients.secret_matches(secret, row.hash)
    assert not clients.secret_matches(secret[:-1], row.hash)
    assert str(row) == f"…{secret[-4:]}"


def test_public_client_gets_none():
    client, secret = clients.register_client(name="Spa", redirect_uris=[REDIRECT_URI], public=True)
    assert secret == ""
    assert client.is_public
    assert not client.secrets.exists()


def test_registration_fills_in_what_it_is_not_told():
    client, _ = clients.register_client(name="Shop", redirect_uris=[REDIRECT_URI])
    assert len(client.client_id) == 20
    assert "notes.read" not in client.allowed_scopes
    assert "offline_access" in client.allowed_scopes
    assert client.needs_pkce
    given, _ = clients.register_client(name="Shop", redirect_uris=[REDIRECT_URI], client_id="shop", scope="openid")
    assert (given.client_id, given.scope) == ("shop", "openid")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("redirect_uris", []),
        ("redirect_uris", [REDIRECT_URI, REDIRECT_URI]),
        ("post_logout_redirect_uris", ["http://rp.example/"]),
        ("allowed_origins", ["https://spa.example/path"]),
        ("allowed_origins", ["*"]),
        ("allowed_origins", ["null"]),
        ("allowed_origins", ["https://SPA.example"]),
        ("allowed_origins", ["app:x"]),
        ("scope", "openid nonsense"),
        ("id_token_signed_response_alg", "HS256"),
        ("userinfo_signed_response_alg", "none"),
        ("token_endpoint_auth_method", "none"),
        ("backchannel_logout_uri", "http://rp.example/"),
        ("frontchannel_logout_uri", "javascript:alert(1)"),
    ],
)
def test_registration_names_the_field_that_is_wrong(field, value):
    with pytest.raises(ValidationError) as refused:
        clients.register_client(**{"name": "Shop", "redirect_uris": [REDIRECT_URI], field: value})
    assert set(refused.value.message_dict) == {field}
    assert not Client.objects.exists()


@pytest.mark.spec("RFC 9700", "2.1.1", "a public client is never exempt from PKCE")
@pytest.mark.parametrize(
    ("field", "value"),
    [("pkce_required", False), ("may_introspect", True), ("token_endpoint_auth_method", "client_secret_basic")],
)
def test_public_client_cannot_have_what_only_a_secret_gives(field, value):
    with pytest.raises(ValidationError) as refused:
        clients.register_client(name="Spa", redirect_uris=[REDIRECT_URI], public=True, **{field: value})
    assert set(refused.value.message_dict) == {field}


@pytest.mark.spec("OIDC Core", "8.1", "pairwise subjects need one sector")
def test_pairwise_client_with_several_hosts_must_name_its_sector():
    hosts = [REDIRECT_URI, "https://other.example/cb"]
    with pytest.raises(ValidationError) as refused:
        clients.register_client(name="Shop", redirect_uris=hosts, subject_type="pairwise")
    assert set(refused.value.message_dict) == {"subject_type"}
    client, _ = clients.register_client(
        name="Shop", redirect_uris=hosts, subject_type="pairwise", sector_identifier="rp.example"
    )
    assert client.sector == client.subject_sector == "rp.example"
    alone, _ = clients.register_client(name="Shop", redirect_uris=[REDIRECT_URI])
    assert (alone.sector, alone.subject_sector) == ("rp.example", "")


def test_rotation_leaves_the_old_secret_a_day(clock):
    party = Party(ClientFactory())
    new = Party(party.row, secret=clients.rotate_secret(party.row))
    for one in (party, new):
        assert one.introspect("x").status_code == 200
    clock.advance(hours=24, seconds=1)
    assert party.introspect("x").status_code == 401
    assert new.introspect("x").status_code == 200


def test_rotation_keeps_two_secrets_alive_at_most(clock):
    row = ClientFactory()
    values = [SECRET]
    for _ in range(3):
        clock.advance(minutes=1)
        values.append(clients.rotate_secret(row))
    working = [value for value in values if Party(row, secret=value).introspect("x").status_code == 200]
    assert working == values[-2:]


def test_rotation_does_not_lengthen_a_secret_that_ends_sooner(clock):
    row = ClientFactory(secret="")
    soon = clock.now() + timedelta(hours=1)
    ClientSecretFactory(client=row, expires=soon)
    clients.rotate_secret(row, overlap=timedelta(days=7))
    assert row.secrets.order_by("pk").first().expires == soon


def test_rotation_without_overlap_ends_the_old_one_now():
    party = Party(ClientFactory())
    clients.rotate_secret(party.row, overlap=timedelta(0))
    assert party.introspect("x").status_code == 401


def test_imported_secrets_stay_under_djangos_hash():
    row = ClientFactory(secret="")
    ClientSecret.objects.create(client=row, hash=make_password("typed by hand"), hint="hand")
    assert Party(row, secret="typed by hand").introspect("x").status_code == 200
    assert Party(row, secret="something else").introspect("x").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_client_is_read_once_in_some_seconds(count_statements, clock):
    row = ClientFactory()
    with count_statements() as counted:
        first = clients.find_client(row.client_id)
        assert clients.find_client(row.client_id) is first
    assert len(counted) == 1
    assert [secret.pk for secret in first.secrets] == [row.secrets.get().pk]
    clock.advance(seconds=6)
    assert clients.find_client(row.client_id) is not first


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["save", "delete", "secret", "secret deleted"])
def test_change_is_seen_at_once_in_this_process(change):
    row = ClientFactory()
    before = clients.find_client(row.client_id)
    if change == "save":
        row.is_active = False
        row.save()
        assert clients.find_client(row.client_id).client.is_active is False
    elif change == "delete":
        row.delete()
        assert clients.find_client(row.client_id) is None
    elif change == "secret":
        clients.add_secret(row)
        assert len(clients.find_client(row.client_id).secrets) == 2
    else:
        row.secrets.get().delete()
        assert clients.find_client(row.client_id).secrets == ()
    assert clients.find_client("nobody") is None
    assert before.client.is_active


@pytest.mark.django_db(transaction=True)
def test_nothing_is_remembered_from_a_transaction():
    row = ClientFactory()
    with transaction.atomic():
        Client.objects.filter(pk=row.pk).update(name="Never")
        assert clients.find_client(row.client_id).client.name == "Never"
        transaction.set_rollback(True)
    assert clients.find_client(row.client_id).client.name == "Notes"


@pytest.mark.django_db(transaction=True)
def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(clients, "_REMEMBERED_CLIENTS", 3)
    rows = ClientFactory.create_batch(5)
    for row in rows:
        clients.find_client(row.client_id)
        for number in range(10):
            clients.find_client(f"guess-{number}")
    assert len(clients._known) <= 3


def test_secrets_are_in_no_repr():
    row = ClientFactory()
    known = clients.find_client(row.client_id)
    assert row.secrets.get().hash not in repr(known)
