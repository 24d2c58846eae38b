"""LO, DS, MX: signing out, and what the provider says of itself."""

import json
from urllib.parse import urlencode

import jwt
import pytest
from django.core.exceptions import ValidationError

from codeflow.core import jose
from codeflow.provider import clients, keys
from codeflow.provider.models import AccessToken, ProviderSession
from tests.provider.cases.table import case
from tests.provider.cases.world import World, assert_invalid_token, assert_page
from tests.provider.exchange import FORM, ISSUER, Browser, answer_in, tokens_for
from tests.provider.factories import REDIRECT_URI, ClientFactory

BACK = "https://rp.example/signed-out"


def _logout(world: World, **parameters: str):
    return world.browser.open("/o/logout/?" + urlencode(parameters))


def _is_signed_in(browser: Browser) -> bool:
    return "codeflow-signed-in" in browser.open("/o/login/").text


@case("LO-01")
def logout_with_hint(world: World) -> None:
    tokens = world.tokens()
    state = "s" * 128
    answer = _logout(world, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state=state)
    assert answer.headers["Location"] == f"{BACK}?state={state}"
    assert not _is_signed_in(world.browser)


@case("LO-05", "LO-06")
def hints_that_are_not_ours(world: World) -> None:
    genuine = world.tokens()["id_token"]
    _, payload, signature = genuine.split(".")
    none = jwt.utils.base64url_encode(b'{"alg":"none"}').decode()
    claims = jose.parse(genuine)[1]
    own = keys.signing_key("RS256")
    for hint in (
        f"{none}.{payload}.",
        f"{none}.{payload}.{signature}",
        jose.sign(claims, keys._generate("ES256"), alg="ES256", kid=own.kid),
        jose.sign({**claims, "iss": "https://other.example"}, own.private_key, alg="RS256", kid=own.kid),
        "garbage",
    ):
        answer = _logout(world, id_token_hint=hint, post_logout_redirect_uri=BACK)
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "codeflow-error" in answer.text
    assert _is_signed_in(world.browser)


@case("LO-07")
def old_hint(world: World) -> None:
    tokens = world.tokens()
    world.clock.advance(hours=5)
    answer = _logout(world, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK)
    assert answer.headers["Location"] == BACK


@case("LO-09", "LO-10", "LO-14")
def requests_that_do_not_fit(world: World) -> None:
    tokens = world.tokens()
    other = ClientFactory()
    for parameters in (
        {"id_token_hint": tokens["id_token"], "client_id": other.client_id},
        {"client_id": "nobody"},
        {"client_id": "\x00"},
        {"client_id": "nobody", "post_logout_redirect_uri": BACK},
        {"client_id": world.party.row.client_id, "post_logout_redirect_uri": "javascript:alert(1)"},
        {"client_id": world.party.row.client_id, "post_logout_redirect_uri": "data:text/html,x"},
        {"client_id": world.party.row.client_id, "post_logout_redirect_uri": f"{BACK}/"},
        {"client_id": world.party.row.client_id, "post_logout_redirect_uri": REDIRECT_URI},
        {"post_logout_redirect_uri": BACK},
        {"client_id": world.party.row.client_id, "state": "s" * 5000},
    ):
        answer = _logout(world, **parameters)
        assert answer.status_code == 400, parameters
        assert "Location" not in answer.headers
    query = urlencode([("client_id", world.party.row.client_id)] * 2)
    assert world.browser.open(f"/o/logout/?{query}").status_code == 400
    assert _is_signed_in(world.browser)


@case("LO-11")
def bare_logout_asks(world: World) -> None:
    for parameters in ({}, {"state": "x"}):
        world.browser.force_sign_in(world.user)
        _logout(world, **parameters)
        assert _is_signed_in(world.browser)
        _logout(world, **parameters)
        answer = world.browser.submit("codeflow-logout")
        assert "codeflow-signed-out" in answer.text
        assert not _is_signed_in(world.browser)
    assert "codeflow-signed-out" in _logout(world).text


@case("LO-13")
def cross_site_post_only_asks(world: World) -> None:
    fields = {"client_id": world.party.row.client_id, "post_logout_redirect_uri": BACK}
    answer = world.browser.post("/o/logout/", fields, Origin="https://evil.example")
    assert answer.status_code == 200
    assert "codeflow-logout" in answer.text
    assert _is_signed_in(world.browser)
    _logout(world, **fields)
    sealed = world.browser.form("codeflow-logout").fields["confirmed"]
    answer = world.browser.transport.send(
        "POST",
        "/o/logout/",
        body=urlencode({"confirmed": sealed}),
        headers={"Content-Type": FORM, "Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert _is_signed_in(world.browser)


@case("LO-15")
def state_with_line_breaks(world: World) -> None:
    tokens = world.tokens()
    state = "a\r\nSet-Cookie: x=y"
    answer = _logout(world, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state=state)
    if answer.status_code == 400:
        return
    assert "\r" not in answer.headers["Location"]
    assert "\n" not in answer.headers["Location"]
    assert answer_in(answer.headers["Location"])["state"] == state


@case("LO-17", "LO-22")
def only_this_session_and_its_tokens_end(world: World) -> None:
    elsewhere = Browser()
    elsewhere.force_sign_in(world.user)
    other = tokens_for(elsewhere, world.party, scope="openid")
    offline = world.tokens()
    world.party.row.refresh_token_policy = "always"
    world.party.row.save()
    online = world.tokens(scope="notes.read")
    answer = _logout(world, id_token_hint=offline["id_token"], post_logout_redirect_uri=BACK)
    assert answer.headers["Location"] == BACK
    assert_invalid_token(world.party.userinfo(offline["access_token"]))
    assert world.party.refresh(online["refresh_token"]).status_code == 400
    assert world.party.refresh(offline["refresh_token"]).status_code == 200  # offline_access outlives the session
    assert world.party.userinfo(other["access_token"]).status_code == 200
    assert _is_signed_in(elsewhere)
    assert ProviderSession.objects.filter(ended_at=None).count() == 1


@case("LO-22")
def hint_of_another_session_is_asked_about(world: World) -> None:
    elsewhere = Browser()
    elsewhere.force_sign_in(world.user)
    hint = tokens_for(elsewhere, world.party)["id_token"]
    world.tokens()
    _logout(world, id_token_hint=hint, post_logout_redirect_uri=BACK)
    assert world.browser.has_form("codeflow-logout")
    assert _is_signed_in(world.browser)


@case("LO-23")
def sid_is_random(world: World) -> None:
    claims = jose.parse(world.tokens()["id_token"])[1]
    session_key = world.browser.transport.client.session.session_key
    assert claims["sid"] != session_key
    assert len(claims["sid"]) >= 22
    world.browser.open("/o/logout/")
    world.browser.submit("codeflow-logout")
    world.browser.force_sign_in(world.user)
    assert jose.parse(world.tokens()["id_token"])[1]["sid"] != claims["sid"]


@case("LO-20")
def logout_addresses_that_cannot_be_registered(world: World) -> None:
    for uri in ("javascript:alert(1)", "http://10.0.0.1/bc", "file:///x", "https://rp.example/x#f"):
        for field in ("backchannel_logout_uri", "frontchannel_logout_uri"):
            with pytest.raises(ValidationError):
                clients.register_client(name="x", redirect_uris=[REDIRECT_URI], **{field: uri})


@case("LO-21")
def front_channel_logout(world: World) -> None:
    world.party.row.frontchannel_logout_uri = "https://rp.example/front?a=1"
    world.party.row.save()
    tokens = world.tokens()
    sid = jose.parse(tokens["id_token"])[1]["sid"]
    answer = _logout(world, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-src https://rp.example;" in policy
    frame = answer.text.partition('<iframe class="frontchannel"')[2].partition('src="')[2].partition('"')[0]
    frame = frame.replace("&amp;", "&")
    assert frame.startswith("https://rp.example/front?a=1&")
    assert answer_in(frame) == {"a": "1", "iss": ISSUER, "sid": sid}


# DS: discovery and JWKS


DOCUMENTS = (
    "/o/.well-known/openid-configuration",
    "/o/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/o",
    "/.well-known/openid-configuration/o",
)


@case("DS-01", "DS-02", "DS-08", "DS-10")
def issuer_is_pinned(world: World) -> None:
    transport = world.party.transport
    answers = []
    for path in DOCUMENTS:
        for headers in ({}, {"Host": "localhost"}, {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}):
            answer = transport.send("GET", path, headers=headers)
            assert answer.status_code == 200
            answers.append(answer.content)
        assert transport.send("GET", path, headers={"Host": "evil.example"}).status_code == 400
    assert len(set(answers)) == 1
    document = json.loads(answers[0])
    assert document["issuer"] == ISSUER
    for name, value in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith("https://testserver/o/"), name
    assert "openid" in document["scopes_supported"]


@case("DS-04", "PK-17")
def metadata_is_true(world: World) -> None:
    document = world.party.transport.send("GET", DOCUMENTS[0], headers={}).json()
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert not {"none", "HS256"} & set(document["id_token_signing_alg_values_supported"])
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["request_uri_parameter_supported"] is False
    assert document["request_parameter_supported"] is False
    for name in ("pushed_authorization_request_endpoint", "registration_endpoint", "device_authorization_endpoint"):
        assert name not in document
    for mode in document["response_modes_supported"]:
        asked, _ = world.ask(response_mode=mode)
        assert asked
        assert world.browser.has_form("codeflow-consent")


@case("DS-06")
def rotation_is_published_first(world: World) -> None:
    def kids() -> list[str]:
        answer = world.party.transport.send("GET", "/o/jwks/", headers={})
        assert answer.status_code == 200
        return [key["kid"] for key in answer.json()["keys"] if key["alg"] == "RS256"]

    first = jose.parse(world.tokens()["id_token"])
    assert kids() == [first[0]["kid"]]
    world.clock.advance(days=89, minutes=1)
    assert len(kids()) == 2  # the next one, a day before it signs
    world.browser.force_sign_in(world.user)
    assert jose.parse(world.tokens()["id_token"])[0]["kid"] == first[0]["kid"]
    world.clock.advance(days=1)
    world.browser.force_sign_in(world.user)
    second = jose.parse(world.tokens()["id_token"])[0]["kid"]
    assert second != first[0]["kid"]
    assert set(kids()) == {first[0]["kid"], second}
    world.clock.advance(days=3)
    assert kids() == [second]


@case("DS-07")
def who_may_read_across_origins(world: World) -> None:
    for path in (*DOCUMENTS, "/o/jwks/"):
        answer = world.party.transport.send("GET", path, headers={"Origin": "https://anybody.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    for path in (
        "/o/token/",
        "/o/userinfo/",
        "/o/revoke/",
        "/o/introspect/",
        "/o/authorize/",
        "/o/logout/",
        "/o/login/",
    ):
        for method in ("GET", "POST", "OPTIONS"):
            answer = world.party.transport.send(
                method,
                path,
                headers={"Origin": "https://anybody.example", "Access-Control-Request-Method": "POST"},
            )
            assert "Access-Control-Allow-Origin" not in answer.headers, (path, method)


@case("DS-09")
def odd_paths(world: World) -> None:
    for path in DOCUMENTS:
        for method in ("POST", "PUT", "DELETE"):
            assert world.party.transport.send(method, path, headers={}).status_code == 405
    for path in (
        "/.well-known/oauth-authorization-server/other",
        "/.well-known/oauth-authorization-server/o/",
        "/.well-known/oauth-authorization-server/../o",
        "/.well-known/openid-configuration/o/x",
        "/.well-known/openid-configurationx",
        "/.well-known/openid-configuration",
    ):
        assert world.party.transport.send("GET", path, headers={}).status_code == 404, path


@case("MX-06")
def errors_go_to_registered_addresses_alone(world: World) -> None:
    assert_page(Browser().authorize(world.party.request(redirect_uri="https://phish.example/", prompt="none")))
    world.party.row.is_active = False
    world.party.row.save()
    assert_page(Browser().authorize(world.party.request(prompt="none")))
    assert not AccessToken.objects.exists()
