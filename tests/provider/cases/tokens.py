"""RF, RV, IN, US, AT: what happens to tokens."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from codeflow.core import jose
from codeflow.provider import keys, revocation
from codeflow.provider.models import AccessToken, AuthorizationCode, RefreshToken
from tests.provider.cases.table import case
from tests.provider.cases.world import World, assert_invalid_token, assert_json, assert_tokens
from tests.provider.exchange import FORM, ISSUER, Browser, Party, basic, tokens_for
from tests.provider.factories import SECRET, AccessTokenFactory, ClientFactory, UserFactory


@case("RF-01", "RF-18")
def rotation(world: World) -> None:
    for party in (world.party, world.public_party):
        first = world.tokens(party)
        second = assert_tokens(party.refresh(first["refresh_token"]))
        assert second["refresh_token"] != first["refresh_token"]
        assert second["scope"] == first["scope"]
        again = party.refresh(first["refresh_token"])
        if party is world.public_party:
            assert_json(again, "invalid_grant")
            assert_json(party.refresh(second["refresh_token"]), "invalid_grant")
        else:
            assert assert_tokens(again)["refresh_token"] == second["refresh_token"]
            third = assert_tokens(party.refresh(second["refresh_token"]))
            assert_json(party.refresh(first["refresh_token"]), "invalid_grant")  # the successor has been used
            assert_json(party.refresh(third["refresh_token"]), "invalid_grant")


@case("RF-01")
def retry_after_a_minute_is_a_replay(world: World) -> None:
    first = world.tokens()
    second = assert_tokens(world.party.refresh(first["refresh_token"]))
    world.clock.advance(seconds=61)
    assert_json(world.party.refresh(first["refresh_token"]), "invalid_grant")
    assert_json(world.party.refresh(second["refresh_token"]), "invalid_grant")
    assert world.party.userinfo(second["access_token"]).status_code == 401


@case("RF-03")
def wider_scope(world: World) -> None:
    tokens = world.tokens(scope="openid offline_access")
    for scope in ("openid notes.read", "notes.write", "openid openid2", " ", "openid  offline_access"):
        answer = world.party.refresh(tokens["refresh_token"], scope=scope)
        assert_json(answer, "invalid_scope")
    narrowed = assert_tokens(world.party.refresh(tokens["refresh_token"], scope="openid"))
    assert narrowed["scope"] == "openid"
    wide = assert_tokens(world.party.refresh(narrowed["refresh_token"]))
    assert wide["scope"] == "openid offline_access"


@case("RF-07", "RF-09")
def refresh_without_what_it_needs(world: World) -> None:
    tokens = world.tokens()
    body = urlencode({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
    assert_json(world.party.post_as_is("/o/token/", body), "invalid_client", status=401)
    body += "&" + urlencode({"client_id": world.party.row.client_id})
    assert_json(world.party.post_as_is("/o/token/", body), "invalid_client", status=401)
    assert_json(world.party.refresh(""), "invalid_request")
    assert_json(world.party.post("/o/token/", {"grant_type": "refresh_token"}), "invalid_request")
    for value in ("garbage", "é", "x" * 100_000):
        assert_json(world.party.refresh(value), "invalid_grant")
    assert_json(Party(ClientFactory()).refresh(tokens["refresh_token"]), "invalid_grant")
    assert_tokens(world.party.refresh(tokens["refresh_token"]))


@case("RF-10", "RF-12", "US-10", "IN-12")
def person_who_may_no_longer(world: World) -> None:
    for change in (_disable, _change_password):
        user = UserFactory()
        browser = Browser()
        browser.force_sign_in(user)
        tokens = tokens_for(browser, world.party)
        change(user)
        assert_json(world.party.refresh(tokens["refresh_token"]), "invalid_grant")
        assert_invalid_token(world.party.userinfo(tokens["access_token"]))
        for kind in ("access_token", "refresh_token"):
            assert world.party.introspect(tokens[kind]).json() == {"active": False}


@case("US-10", "IN-12")
def person_disabled_behind_djangos_back(world: World) -> None:
    tokens = world.tokens()
    type(world.user)._default_manager.filter(pk=world.user.pk).update(is_active=False)
    assert_invalid_token(world.party.userinfo(tokens["access_token"]))
    assert_json(world.party.refresh(tokens["refresh_token"]), "invalid_grant")
    for kind in ("access_token", "refresh_token"):
        assert world.party.introspect(tokens[kind]).json() == {"active": False}


def _disable(user) -> None:
    user.is_active = False
    user.save()


def _change_password(user) -> None:
    user.set_password("another")
    user.save()


@case("RF-11")
def grant_that_the_person_took_back(world: World) -> None:
    tokens = world.tokens()
    revocation.end_grants(user_id=world.user.pk, application_id=world.party.row.pk)
    assert_json(world.party.refresh(tokens["refresh_token"]), "invalid_grant")
    assert_invalid_token(world.party.userinfo(tokens["access_token"]))


@case("RF-13")
def idle_and_absolute_lifetimes(world: World) -> None:
    token = world.tokens()["refresh_token"]
    world.clock.advance(days=31)
    assert_json(world.party.refresh(token), "invalid_grant")
    world.browser.force_sign_in(world.user)
    token = world.tokens()["refresh_token"]
    for _ in range(8):
        world.clock.advance(days=22)
        token = assert_tokens(world.party.refresh(token))["refresh_token"]
    world.clock.advance(days=5)  # 181 days after the sign-in, five after the last use
    assert_json(world.party.refresh(token), "invalid_grant")


@case("RF-14")
def offline_access_alone_gives_a_refresh_token(world: World) -> None:
    assert "refresh_token" not in world.tokens(scope="openid profile")
    assert "refresh_token" in world.tokens(scope="openid offline_access")


@case("RF-16")
def id_token_of_a_refresh(world: World) -> None:
    tokens = world.tokens()
    first = jose.parse(tokens["id_token"])[1]
    world.clock.advance(minutes=5)
    world.browser.force_sign_in(world.user)  # another sign-in moves user.last_login
    second = jose.parse(world.party.refresh(tokens["refresh_token"]).json()["id_token"])[1]
    for name in ("iss", "sub", "aud", "auth_time", "sid"):
        assert second[name] == first[name]
    assert second["iat"] >= first["iat"] + 300
    assert second.get("nonce") in (None, first["nonce"])


@case("RF-06", "RC-02")
def refreshes_in_a_row_are_one_family(world: World) -> None:
    """In parallel: tests/provider/test_races.py."""
    tokens = world.tokens()
    answers = [world.party.refresh(tokens["refresh_token"]) for _ in range(12)]
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert RefreshToken.objects.filter(used_at=None, revoked=None).count() == 1


# RV: revocation


@case("RV-01", "RV-03")
def what_is_not_this_clients(world: World) -> None:
    tokens = world.tokens()
    other = Party(ClientFactory())
    answers = [other.revoke(tokens["access_token"]), other.revoke(tokens["refresh_token"]), other.revoke("unknown")]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.content == answers[-1].content
        assert "no-store" in answer.headers["Cache-Control"]
    assert world.party.userinfo(tokens["access_token"]).status_code == 200


@case("RV-04", "RV-08")
def revocation_without_token_or_post(world: World) -> None:
    tokens = world.tokens()
    assert_json(world.party.post("/o/revoke/", {}), "invalid_request")
    assert_json(world.party.post("/o/revoke/", {"token": ""}), "invalid_request")
    query = urlencode({"token": tokens["access_token"]})
    answer = world.party.transport.send("GET", f"/o/revoke/?{query}", headers={})
    assert answer.status_code == 405
    assert_json(world.party.post(f"/o/revoke/?{query}", {"token": tokens["access_token"]}), "invalid_request")
    assert world.party.userinfo(tokens["access_token"]).status_code == 200


@case("RV-05", "RV-07", "RV-10")
def either_token_ends_the_grant(world: World) -> None:
    for party in (world.party, world.public_party):
        for kind in ("access_token", "refresh_token"):
            for hint in (None, "access_token", "refresh_token", "nonsense"):
                tokens = world.tokens(party)
                more = {"token_type_hint": hint} if hint else {}
                assert party.revoke(tokens[kind], **more).status_code == 200
                assert_invalid_token(party.userinfo(tokens["access_token"]))
                assert_json(party.refresh(tokens["refresh_token"]), "invalid_grant")


@case("RV-11")
def revoked_tokens_die_at_once(world: World) -> None:
    tokens = world.tokens()
    assert world.party.introspect(tokens["access_token"]).json()["active"] is True
    world.party.revoke(tokens["access_token"])
    assert world.party.introspect(tokens["access_token"]).json() == {"active": False}
    assert _api(world, tokens["access_token"]).status_code == 401


# IN: introspection


@case("IN-01", "IN-09", "IN-13")
def introspection_by_nobody(world: World) -> None:
    tokens = world.tokens()
    token = {"token": tokens["access_token"]}
    assert_json(world.party.post_as_is("/o/introspect/", urlencode(token)), "invalid_client", status=401)
    assert_json(world.public_party.post("/o/introspect/", token), "invalid_client", status=401)
    bearer = f"Bearer {tokens['access_token']}"
    answer = world.party.post_as_is("/o/introspect/", urlencode(token), Authorization=bearer)
    assert_json(answer, "invalid_client", status=401)


@case("IN-03", "IN-05")
def tokens_that_are_not_ones_own_or_dead(world: World) -> None:
    tokens = world.tokens()
    other = Party(ClientFactory())
    for kind in ("access_token", "refresh_token"):
        assert other.introspect(tokens[kind]).json() == {"active": False}
        assert world.party.introspect(tokens[kind]).json()["active"] is True
    server = Party(ClientFactory(may_introspect=True))
    assert server.introspect(tokens["access_token"]).json()["client_id"] == world.party.row.client_id
    for token in ("unknown", tokens["id_token"], "é", "x" * 100_000):
        assert world.party.introspect(token).json() == {"active": False}
    world.party.refresh(tokens["refresh_token"])
    assert world.party.introspect(tokens["refresh_token"]).json() == {"active": False}
    world.clock.advance(hours=2)
    assert world.party.introspect(tokens["access_token"]).json() == {"active": False}


@case("IN-07", "IN-08", "IN-14")
def introspection_methods_and_headers(world: World) -> None:
    tokens = world.tokens()
    for method in ("GET", "PUT", "HEAD"):
        answer = world.party.transport.send(method, "/o/introspect/?token=x", headers={})
        assert answer.status_code == 405, (method, answer.status_code, answer.text)
    assert_json(world.party.post("/o/introspect/", {}), "invalid_request")
    answer = world.party.introspect(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"]


@case("TK-03", "TK-15", "IN-14")
def requests_of_the_wrong_form_are_answered_in_json_everywhere(world: World) -> None:
    authorization = basic(world.party.row.client_id, SECRET)
    for path in ("/o/introspect/", "/o/revoke/", "/o/token/"):
        for media_type, body in (
            (
                "multipart/form-data; boundary=b",
                '--b\r\nContent-Disposition: form-data; name="token"\r\n\r\nx\r\n--b--\r\n',
            ),
            ("multipart/form-data", "x"),
            ("application/json", "{}"),
            (f"{FORM}; charset=utf-16", "token=x"),
            (FORM, "&".join(f"p{number}=1" for number in range(5000))),
            (FORM, "token=x&token=y"),
            (FORM, "token=%zz"),
            (FORM, "token=%ff"),
            (FORM, "token=%00"),
            (FORM, b"token=\xff"),
            (FORM, "x" * 3_000_000),
        ):
            headers = {"Content-Type": media_type, "Authorization": authorization}
            answer = world.party.transport.send("POST", path, body=body, headers=headers)
            assert_json(answer, "invalid_request", status=(400, 413, 415))


@case("IN-12", "US-11")
def client_that_may_no_longer(world: World) -> None:
    tokens = world.tokens()
    server = Party(ClientFactory(may_introspect=True))
    world.party.row.is_active = False
    world.party.row.save()
    assert_invalid_token(world.party.userinfo(tokens["access_token"]))
    assert _api(world, tokens["access_token"]).status_code == 401
    assert server.introspect(tokens["access_token"]).json() == {"active": False}
    assert server.introspect(tokens["refresh_token"]).json() == {"active": False}
    world.party.row.delete()
    assert_invalid_token(server.userinfo(tokens["access_token"]))


# US: userinfo and other protected resources


def _api(world: World, token: str):
    return world.party.transport.send("GET", "/api/notes/", headers={"Authorization": f"Bearer {token}"})


def _ask(world: World, authorization: str, *, body: str = "", method: str = "GET"):
    headers = {"Authorization": authorization} if authorization else {}
    return world.party.transport.send(
        method, "/o/userinfo/", body=body, headers={"Content-Type": FORM, **headers} if body else headers
    )


@case("US-01")
def no_token(world: World) -> None:
    for path in ("/o/userinfo/", "/api/notes/"):
        answer = world.party.transport.send("GET", path, headers={})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].strip() in ("Bearer", 'Bearer realm="api"')
        assert answer.headers["Content-Type"].startswith("application/json")
        assert "sub" not in answer.json()


@case("US-04", "US-15", "US-19")
def token_sent_more_than_once(world: World) -> None:
    token = world.tokens()["access_token"]
    body = urlencode({"access_token": token})
    assert _ask(world, "", body=body, method="POST").json()["sub"]
    assert_json(_ask(world, f"Bearer {token}", body=body, method="POST"), "invalid_request")
    assert_json(_ask(world, f"Bearer {token}, Bearer {token}"), "invalid_request", "invalid_token", status=(400, 401))
    assert_json(_ask(world, "", body=f"{body}&{body}", method="POST"), "invalid_request")
    answer = world.party.transport.send("GET", f"/o/userinfo/?{body}", headers={})
    assert answer.status_code in (400, 401)
    assert "sub" not in answer.json()
    answer = world.party.transport.send(
        "POST", "/o/userinfo/", body=json.dumps({"access_token": token}), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 401


@case("US-06")
def scheme_in_any_case(world: World) -> None:
    token = world.tokens()["access_token"]
    for scheme in ("bearer", "BEARER", "bEaReR"):
        assert _ask(world, f"{scheme} {token}").status_code == 200


@case("US-08")
def token_without_the_scope(world: World) -> None:
    token = world.tokens(scope="notes.read")["access_token"]
    answer = world.party.userinfo(token)
    assert_json(answer, "insufficient_scope", status=403)
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert _api(world, token).status_code == 200
    token = world.tokens(scope="openid")["access_token"]
    assert _api(world, token).status_code == 403
    assert 'scope="notes.read"' in _api(world, token).headers["WWW-Authenticate"]


@case("US-09")
def other_tokens_as_bearer(world: World) -> None:
    tokens = world.tokens()
    code = world.code()
    for value in (tokens["refresh_token"], tokens["id_token"], code, SECRET):
        assert_invalid_token(world.party.userinfo(value))
        assert _api(world, value).status_code == 401


@case("US-12", "AT-03")
def claims_of_the_granted_scopes(world: World) -> None:
    expected = {
        "openid": set(),
        "openid profile": {"name", "given_name", "family_name", "preferred_username"},
        "openid email": {"email", "email_verified"},
    }
    for scope, names in expected.items():
        tokens = world.tokens(scope=scope)
        claims = world.party.userinfo(tokens["access_token"]).json()
        assert set(claims) == {"sub", *names}
        id_token = jose.parse(tokens["id_token"])[1]
        assert claims["sub"] == id_token["sub"] == str(world.user.pk)
        assert len(claims["sub"]) <= 255
        assert not set(id_token) & {"name", "email", "given_name", "preferred_username"}


@case("US-13")
def headers_of_userinfo(world: World) -> None:
    answer = world.party.userinfo(world.tokens()["access_token"])
    assert answer.headers["Content-Type"] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"]


@case("US-14")
def malformed_tokens(world: World) -> None:
    for value in ("x" * 100_000, "a\x00b", "é", "a b", "a,b", "<script>", "=", '"x"', "\u0661"):
        answer = _ask(world, f"Bearer {value}")
        assert answer.status_code in (400, 401), value
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert _api(world, value).status_code in (400, 401)


@case("US-18")
def token_for_another_resource(world: World) -> None:
    world.settings.CODEFLOW_PROVIDER = {"RESOURCES": ["https://api.example/", "https://testserver/api/"]}
    token = world.tokens(resource="https://api.example/")["access_token"]
    assert_invalid_token(world.party.userinfo(token))
    assert _api(world, token).status_code == 401
    world.code(prompt="consent", resource="https://testserver/api/")
    token = world.tokens(resource="https://testserver/api/")["access_token"]
    assert _api(world, token).status_code == 200
    assert_invalid_token(world.party.userinfo(token))


# AT: what is issued


@case("AT-02", "AT-07")
def id_token(world: World) -> None:
    tokens = world.tokens(nonce="the-nonce")
    verified = jose.verify(tokens["id_token"], keys.published_jwks(), algorithms=["RS256"])
    claims = verified.claims
    assert claims["iss"] == ISSUER
    assert claims["aud"] == world.party.row.client_id
    assert claims["nonce"] == "the-nonce"
    assert claims["exp"] - claims["iat"] <= 600
    assert claims["at_hash"] == jose.left_half_hash(tokens["access_token"], "RS256")
    assert claims["amr"] == ["pwd"]
    assert "c_hash" not in claims
    assert "s_hash" not in claims
    assert claims["auth_time"] <= claims["iat"]


@case("AT-03")
def subjects_are_not_reused(world: World) -> None:
    first = UserFactory()
    key = first.pk
    first.delete()
    assert UserFactory().pk != key
    assert str(key) != first.email


@case("AT-05")
def jwt_access_tokens(world: World) -> None:
    world.party.row.access_token_format = "jwt"
    world.party.row.save()
    tokens = world.tokens()
    header, claims = jose.parse(tokens["access_token"])
    assert header["typ"] == "at+jwt"
    assert set(claims) == {"iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti"}
    assert claims["aud"] != world.party.row.client_id
    assert claims["client_id"] == world.party.row.client_id
    assert world.user.email not in json.dumps(claims)
    with pytest.raises(jose.JoseError):
        keys.verify_own(tokens["access_token"])  # it is no ID token
    assert world.party.userinfo(tokens["access_token"]).status_code == 200
    AuthorizationCode.objects.all().delete()
    answer = world.ask(id_token_hint=tokens["access_token"])[1]
    assert "error=invalid_request" in answer.headers["Location"]
    assert world.browser.open("/o/logout/?" + urlencode({"id_token_hint": tokens["access_token"]})).status_code == 400
    world.party.revoke(tokens["access_token"])
    assert_invalid_token(world.party.userinfo(tokens["access_token"]))


@case("MX-08")
def expired_means_expired(world: World) -> None:
    AccessTokenFactory(value="about-to-die", application=world.party.row, user=world.user)
    world.clock.advance(seconds=3599)
    assert world.party.userinfo("about-to-die").status_code == 200
    world.clock.advance(seconds=1)
    assert_invalid_token(world.party.userinfo("about-to-die"))
    assert AccessToken.objects.get().expires - AccessToken.objects.get().created <= timedelta(hours=1, seconds=1)
