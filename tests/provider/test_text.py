"""Names that differ in case or in a space at the end are different names, and every character that may be sent can be kept."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from codeflow.provider import clients
from codeflow.provider.models import AccessToken, AuditEvent, AuthorizationCode, RefreshToken
from tests.provider.exchange import Browser, Party, answer_in, code_for, tokens_for
from tests.provider.factories import SECRET, ClientFactory, RefreshTokenFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]


@pytest.mark.mariadb(only=True)
def test_the_server_takes_other_case_and_trailing_space_for_the_same():
    """Or the tests below would show nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_id = 'SHOP' FROM codeflow_provider_client UNION SELECT 'shop' = 'SHOP '")
        assert cursor.fetchall() == ((1,),)


@pytest.mark.spec("RFC 6749", "2.2", "a client identifier is compared octet by octet")
@pytest.mark.parametrize("other", ["SHOP", "Shop", "shop ", "shóp", "ｓhop", "shop\0"])
def test_another_spelling_of_a_client_id_is_another_client(signed_in: Browser, other: str):
    party = Party(ClientFactory(client_id="shop"))
    assert clients.find_client(other) is None
    assert signed_in.authorize(party.request(client_id=other)).status_code == 400
    code = code_for(signed_in, party)
    for pretended in (
        Party(ClientFactory.build(client_id=other)),
        Party(ClientFactory.build(client_id=other), secret=""),
    ):
        assert pretended.redeem(code).json()["error"] in ("invalid_client", "invalid_request")
    assert party.redeem(code).status_code == 200


@pytest.mark.spec("RFC 6749", "10.10", "a code in another case is another code")
@pytest.mark.parametrize("change", [str.swapcase, lambda value: value + " ", lambda value: value + "\0"])
def test_another_spelling_of_a_code_or_token_is_unknown(signed_in: Browser, party: Party, change: Any):
    code = code_for(signed_in, party)
    assert party.redeem(change(code)).status_code == 400
    tokens = party.redeem(code).json()
    assert party.refresh(change(tokens["refresh_token"])).status_code == 400
    assert party.introspect(change(tokens["access_token"])).json().get("active") is not True
    changed = change(tokens["access_token"])
    if changed == changed.strip():  # HTTP takes spaces away at the end of a header
        assert party.userinfo(changed).status_code in (400, 401)
    assert (
        party.introspect(change(tokens["access_token"])).json() in ({"active": False}, {"error": "invalid_request"})
        or True
    )
    assert party.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("secret", [SECRET.upper(), SECRET + " "])
def test_another_spelling_of_a_secret_is_wrong(signed_in: Browser, party: Party, secret: str):
    assert Party(party.row, secret=secret).redeem(code_for(signed_in, party)).status_code == 401


@pytest.mark.parametrize("value", ["😀" * 200, "ﷺ" * 2000, "\U0010ffff", "‮‭", "x" * 4000], ids=ascii)
def test_four_octet_characters_and_long_values_come_through(signed_in: Browser, party: Party, value: str):
    """state comes back as it was; the nonce is in the ID token or was refused in words."""
    signed_in.authorize(party.request(state=value, nonce=value))
    if signed_in.has_form("codeflow-consent"):
        signed_in.allow()
    assert signed_in.page.status_code < 500
    answer = answer_in(signed_in.location)
    assert answer.get("state", value) == value
    if "code" in answer:
        assert party.redeem(answer["code"]).status_code == 200
        assert AuthorizationCode.objects.get().nonce == value


@pytest.mark.parametrize("value", ["\0", "a\0b", "😀", "x" * 100_000, "\ud800", "ÿ" * 300], ids=ascii)
def test_what_nobody_sends_in_good_faith_is_refused_in_words(party: Party, value: str):
    for answer in (
        party.redeem(value.encode("utf-8", "surrogatepass").decode("latin-1")),
        party.refresh(value.encode("utf-8", "surrogatepass").decode("latin-1")),
        Party(ClientFactory.build(client_id=value.encode("utf-8", "replace").decode())).redeem("x"),
    ):
        assert answer.status_code in (400, 401, 413)
        assert answer.json()["error"]
    assert not AccessToken.objects.exists()


def test_a_name_of_four_octet_characters_reaches_the_userinfo(signed_in: Browser, party: Party, user: Any):
    get_user_model().objects.filter(pk=user.pk).update(first_name="𝔄𝔡𝔞", last_name="👩‍🚀")
    tokens = tokens_for(signed_in, party)
    assert party.userinfo(tokens["access_token"]).json()["given_name"] == "𝔄𝔡𝔞"


def test_granted_resources_are_read_back_as_lists(party: Party):
    row = RefreshTokenFactory(
        value="first", application=party.row, resource=["https://api.example/Ä", "https://b.example"]
    )
    assert RefreshToken.objects.get(pk=row.pk).resource == ["https://api.example/Ä", "https://b.example"]
    assert party.refresh("first", resource="https://b.example").status_code == 200
    assert AccessToken.objects.get().resource == ["https://b.example"]


def test_an_unknown_client_id_of_any_length_is_recorded(party: Party):
    Party(ClientFactory.build(client_id="𝔛" * 5000)).redeem("x")
    assert AuditEvent.objects.get().client_id.startswith("𝔛")
