"""What the rows themselves know."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from codeflow.provider.models import Client, Consent
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


@pytest.mark.spec("OIDC Core", "8", "a subject that a client has seen never changes")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("redirect_uris", "https://moved.example/cb"),
        ("sector_identifier", "moved.example"),
        ("subject_type", "public"),
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_pairwise_subject_is_frozen_by_the_first_code(signed_in, party, field, value, asked):
    """Whether the person was asked or not, and whether they have withdrawn their consent since or not."""
    party.row.subject_type, party.row.skip_authorization = "pairwise", not asked
    party.row.save()
    before = getattr(party.row, field)
    setattr(party.row, field, value)
    party.row.full_clean()  # nobody has got a code
    setattr(party.row, field, before)
    code_for(signed_in, party)
    Consent.objects.all().delete()
    client = Client.objects.get()
    assert client.subjects_given
    setattr(client, field, value)
    with pytest.raises(ValidationError) as refused:
        client.full_clean()
    (error,) = refused.value.error_dict["subject_type"]
    assert error.code == "subjects_in_use"


def test_client_that_was_read_before_its_first_code_thaws_no_subject_when_it_is_saved(signed_in, party):
    code_for(signed_in, party)
    party.row.name = "Renamed"
    party.row.save()
    client = Client.objects.get()
    client.subject_type = "pairwise"
    with pytest.raises(ValidationError):
        client.full_clean()


def problems(**fields):
    """Field → codes of what `clean` says against a client."""
    client = ClientFactory(**fields)
    try:
        client.full_clean()
    except ValidationError as refused:
        return {name: [error.code for error in errors] for name, errors in refused.error_dict.items()}
    return {}


@pytest.mark.spec("RFC 8252", "8.6", "people are asked where another app can pose as the client")
@pytest.mark.parametrize(
    ("public", "redirect_uris", "refused"),
    [
        (True, "http://127.0.0.1/cb", True),
        (True, "com.example.app:/cb", True),
        (True, "https://rp.example/cb\nhttp://[::1]/cb", True),
        (True, "https://rp.example/cb", False),
        (False, "http://127.0.0.1/cb", False),
        (False, "https://rp.example/cb", False),
    ],
)
def test_question_cannot_be_spared_where_others_can_pose_as_the_client(public, redirect_uris, refused):
    found = problems(public=public, redirect_uris=redirect_uris, skip_authorization=True)
    assert found == ({"skip_authorization": ["skip_unassured"]} if refused else {})


@pytest.mark.spec("Back-Channel Logout", "2.2", "the address of a logout token is one web address over https")
@pytest.mark.parametrize("field", ["backchannel_logout_uri", "frontchannel_logout_uri"])
@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("https://rp.example/out https://rp.example/other", "whitespace"),
        ("https://rp.example/out\nhttps://rp.example/other", "whitespace"),
        ("http://rp.example/out", None),
        ("https://rp.example/out#x", "fragment"),
        ("rp.example/out", "no_scheme"),
        ("com.example.app:/out", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("https://*.example/out", "wildcard"),
    ],
)
@pytest.mark.parametrize("public", [False, True])
def test_logout_address_is_one_web_address(field, uri, code, public):
    found = problems(public=public, **{field: uri})
    assert set(found) == {field}
    assert code is None or found[field] == [code]


@pytest.mark.spec("Front-Channel Logout", "2", "scheme, host and port are those of a redirect URI")
@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("https://rp.example/out?a=1", True),
        ("https://second.example:8443/out", True),
        ("https://other.example/out", False),
        ("https://rp.example:8443/out", False),
        ("https://second.example/out", False),
        ("https://rp.example.evil.example/out", False),
        ("http://127.0.0.1/out", False),
    ],
)
def test_frontchannel_address_is_on_the_origin_of_a_redirect_uri(uri, fits):
    redirect_uris = "https://rp.example/cb\nhttps://second.example:8443/cb"
    found = problems(redirect_uris=redirect_uris, frontchannel_logout_uri=uri)
    assert found == ({} if fits else {"frontchannel_logout_uri": ["other_origin"]})


def test_backchannel_address_may_be_anywhere():
    assert problems(backchannel_logout_uri="https://backend.example:8443/out") == {}


@pytest.mark.spec("RFC 6749", "A.1", "a client ID is made of visible characters and spaces")
@pytest.mark.parametrize(
    ("client_id", "fits"),
    [("a", True), ("my shop", True), ("~" * 255, True), (" shop", False), ("shop ", False), (" ", False), ("é", False)],
)
def test_client_id_may_hold_spaces_within(client_id, fits):
    assert (problems(client_id=client_id) == {}) is fits


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
