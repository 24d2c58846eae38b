"""What the rows themselves know."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from codeflow.provider.models import Client
from tests.provider.exchange import code_for
from tests.provider.factories import ClientFactory, ConsentFactory, SigningKeyFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_client_is_called_by_its_name_or_its_key():
    assert str(ClientFactory.build(name="Shop")) == "Shop"
    assert str(ClientFactory.build(name="", client_id="c")) == "c"


def test_client_has_no_page_of_its_own():
    with pytest.raises(AttributeError):
        ClientFactory.build().get_absolute_url()


def test_what_the_toolkit_asks_a_client():
    client = ClientFactory.build(redirect_uris="https://rp.example/cb http://127.0.0.1/cb com.example.app:/cb")
    assert client.allows_grant_type("authorization-code")
    assert not client.allows_grant_type("implicit", "password")
    assert client.is_usable(None)
    assert not ClientFactory.build(is_active=False).is_usable(None)
    assert client.get_allowed_schemes() == ["com.example.app", "http", "https"]


@pytest.mark.spec("OIDC Core", "8", "a subject that a client has seen never changes")
def test_subjects_in_use_stay_as_they_are(signed_in, party):
    party.row.subject_type = "pairwise"
    party.row.full_clean()
    party.row.subject_type = "public"
    code_for(signed_in, party)
    party.row.subject_type = "pairwise"
    with pytest.raises(ValidationError) as refused:
        party.row.full_clean()
    assert set(refused.value.message_dict) == {"subject_type"}
    party.row.subject_type = "public"
    party.row.full_clean()


def test_sector_of_pairwise_subjects_in_use_stays_as_it_is():
    client = ClientFactory(subject_type="pairwise")
    Client.objects.filter(pk=client.pk).update(subjects_given=True)
    client.redirect_uris = "https://moved.example/cb"
    with pytest.raises(ValidationError):
        client.full_clean()
    client.sector_identifier = "rp.example"
    client.full_clean()


def test_constraints_hold_without_any_code():
    user, client = UserFactory(), ClientFactory()
    ConsentFactory(user=user, client=client)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentFactory(user=user, client=client)
    key = SigningKeyFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKeyFactory(alg=key.alg, generation=key.generation)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClientFactory(client_id=client.client_id)
    assert str(key).startswith("RS256 ")


def test_new_client_ids_are_unlike_each_other():
    ids = {Client().client_id for _ in range(100)}
    assert len(ids) == 100
    assert all(len(client_id) == 20 and client_id.isalnum() for client_id in ids)
