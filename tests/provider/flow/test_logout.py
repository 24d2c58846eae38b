"""RP-initiated logout: the request and the end of a session."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from codeflow.core.errors import InvalidRequest
from codeflow.provider.flow import logout
from codeflow.provider.models import ProviderSession
from tests.provider.exchange import ISSUER, tokens_for
from tests.provider.factories import ClientFactory, ProviderSessionFactory

pytestmark = pytest.mark.django_db

BACK = "https://rp.example/signed-out"


@pytest.mark.spec("RP-Initiated Logout", "2", "the hint names client, person and session")
def test_hint_is_enough(signed_in, party, user):
    hint = tokens_for(signed_in, party)["id_token"]
    asked = logout.check_logout_request([("id_token_hint", hint), ("post_logout_redirect_uri", BACK), ("state", "a b")])
    assert asked.client == party.row
    assert asked.hinted_sub == str(user.pk)
    assert asked.hinted_sid == ProviderSession.objects.get().sid
    assert asked.return_uri == f"{BACK}?state=a+b"
    assert "a b" not in repr(asked)


def test_nothing_asked():
    asked = logout.check_logout_request([])
    assert asked.client is None
    assert asked.return_uri == ""


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"id_token_hint": "x"}, "id_token_hint"),
        ({"client_id": "nobody"}, "unknown_client"),
        ({"post_logout_redirect_uri": BACK}, "no_client"),
        ({"client_id": "c", "post_logout_redirect_uri": f"{BACK}?x"}, "redirect_uri_mismatch"),
        ({"client_id": "c", "state": "x" * 4097}, "too_long"),
    ],
)
def test_each_rule_is_refused_by_name(parameters, reason):
    ClientFactory(client_id="c")
    with pytest.raises(InvalidRequest) as refused:
        logout.check_logout_request(list(parameters.items()))
    assert refused.value.reason == reason
    assert refused.value.redirectable is False


@pytest.mark.spec("Front-Channel Logout", "3", "each address gets iss and sid")
def test_frontchannel_addresses():
    session = ProviderSessionFactory()
    session.clients.add(
        ClientFactory(frontchannel_logout_uri="https://rp.example/f?a=1"),
        ClientFactory(),
        ClientFactory(frontchannel_logout_uri="https://x.example/", is_active=False),
    )
    (uri,) = logout.frontchannel_uris(session)
    assert parse_qs(urlsplit(uri).query) == {"a": ["1"], "iss": [ISSUER], "sid": [session.sid]}


@pytest.mark.spec("RP-Initiated Logout", "3", "people are sent to registered clients alone")
def test_disabled_clients_address_is_refused(signed_in, party):
    hint = tokens_for(signed_in, party)["id_token"]
    party.row.is_active = False
    party.row.save()
    for named in ({"client_id": party.row.client_id}, {"id_token_hint": hint}):
        answer = signed_in.open("/o/logout/?" + urlencode({**named, "post_logout_redirect_uri": BACK}))
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "rp.example" not in answer.text
        with pytest.raises(InvalidRequest) as refused:
            logout.check_logout_request([*named.items(), ("post_logout_redirect_uri", BACK)])
        assert refused.value.reason == "unknown_client"
