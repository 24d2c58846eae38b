"""PA, RG, RF-19, JW-17: what does not exist here is refused, and is not advertised."""

import json

import pytest

from codeflow import http
from codeflow.provider.metadata import provider_metadata
from codeflow.provider.models import AuthorizationCode, Client
from tests.provider.cases.table import case
from tests.provider.cases.world import World, assert_page, assert_redirect, assert_tokens

JSON = {"Content-Type": "application/json"}
REGISTRATION = {
    "redirect_uris": ["https://rp.example/cb"],
    "client_name": "Codeflow\u202e\u200b itself",
    "jwks_uri": "http://169.254.169.254/keys",
    "sector_identifier_uri": "https://127.0.0.1/sector",
    "logo_uri": "file:///etc/passwd",
    "policy_uri": "http://0x7f000001/",
    "jwks": {"keys": [{"kty": "oct", "k": "AA", "d": "AA"}]},
    "skip_authorization": True,
    "scope": "introspection",
    "grant_types": ["password"],
}


def _advertised() -> dict[str, object]:
    return dict(provider_metadata().to_document())


@case("RG-04", "RG-05", "RG-07", "RG-09", "RG-12")
def nobody_registers_over_the_network(world: World) -> None:
    sent: list[http.Exchange] = []
    http.exchange_observers.append(sent.append)
    try:
        for path in ("/o/register/", "/o/register", "/register", "/o/clients/", "/o/reg"):
            for _ in range(3):
                answer = world.party.transport.send("POST", path, body=json.dumps(REGISTRATION), headers=JSON)
                assert answer.status_code == 404
    finally:
        http.exchange_observers.remove(sent.append)
    assert not sent
    assert Client.objects.count() == 2  # the world's own
    assert "registration_endpoint" not in _advertised()


@case("RG-06")
def client_id_that_is_a_url_is_nobody_and_is_not_fetched(world: World) -> None:
    sent: list[http.Exchange] = []
    http.exchange_observers.append(sent.append)
    try:
        for client_id in (
            "https://rp.example/client.json",
            "http://rp.example/client.json",
            "https://user@rp.example/client#x",
            "https://127.0.0.1/client.json",
        ):
            _, answer = world.ask(client_id=client_id)
            assert_page(answer)
    finally:
        http.exchange_observers.remove(sent.append)
    assert not sent
    assert "client_id_metadata_document_supported" not in _advertised()


@case("RG-11")
def name_of_a_client_is_isolated_and_escaped(world: World) -> None:
    Client.objects.filter(pk=world.party.row.pk).update(name="\u202eevil <script>alert(1)</script>")
    _, answer = world.ask()
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.text
    assert "<bdi>\u202eevil &lt;script&gt;" in answer.text


@case("PA-05", "PA-09", "PA-10")
def pushed_requests_do_not_exist(world: World) -> None:
    for path in ("/o/par/", "/o/par"):
        assert world.party.post(path, world.party.request()).status_code == 404
    for _ in range(2):
        asked, answer = world.ask(request_uri="urn:ietf:params:oauth:request_uri:x")
        assert_redirect(answer, asked, "request_uri_not_supported")
    document = _advertised()
    assert "pushed_authorization_request_endpoint" not in document
    assert "require_pushed_authorization_requests" not in document
    assert document["request_uri_parameter_supported"] is False
    assert not AuthorizationCode.objects.exists()


@case("RF-19", "JW-17")
@pytest.mark.spec("RFC 9449", "5", "a server without DPoP issues bearer tokens and says so")
def proofs_of_possession_bind_nothing_and_nobody_says_they_do(world: World) -> None:
    answer = world.party.post("/o/token/", world.party.redemption(world.code()), DPoP="x.y.z")
    tokens = assert_tokens(answer)
    assert tokens["token_type"] == "Bearer"
    answer = world.party.post(
        "/o/token/", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}, DPoP="a.b.c"
    )
    assert assert_tokens(answer)["token_type"] == "Bearer"
    assert not any(name.startswith("dpop") for name in _advertised())
    assert "cnf" not in world.party.introspect(answer.json()["access_token"]).json()
    refused = world.party.transport.send(
        "GET", "/o/userinfo/", headers={"Authorization": f"DPoP {tokens['access_token']}", "DPoP": "x.y.z"}
    )
    assert refused.status_code == 401
