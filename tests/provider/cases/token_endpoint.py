"""TK, CA, CD, PK: the token endpoint, who asks, and for what."""

import json
import statistics
import time
from base64 import b64encode
from datetime import timedelta
from urllib.parse import quote_plus, urlencode

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from codeflow.core.pkce import code_challenge
from codeflow.provider import clients
from codeflow.provider.models import AccessToken, AuditEvent, AuthorizationCode, RefreshToken
from tests.provider.cases.table import case
from tests.provider.cases.world import World, assert_code, assert_json, assert_no_tokens, assert_redirect, assert_tokens
from tests.provider.exchange import FORM, Party, basic
from tests.provider.factories import (
    CHALLENGE,
    REDIRECT_URI,
    SECRET,
    VERIFIER,
    ClientFactory,
    ClientSecretFactory,
    CodeFactory,
    ProviderSessionFactory,
    UserFactory,
)

GRANT = {"grant_type": "authorization_code", "code": "x"}


def _code(world: World, **fields: object) -> str:
    """A fresh code of the world's client, made without the front channel."""
    value = f"code-{time.perf_counter_ns()}"
    session = ProviderSessionFactory(user=world.user)
    CodeFactory(**{"value": value, "application": world.party.row, "user": world.user, "session": session, **fields})
    return value


@case("TK-01")
def other_methods(world: World) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "BREW"):
        answer = world.party.transport.send(method, "/o/token/", headers={})
        assert answer.status_code == 405
        assert "POST" in answer.headers["Allow"]
        assert "GET" not in answer.headers["Allow"]


@case("TK-03", "TK-04", "TK-05", "TK-24")
def other_media_types(world: World) -> None:
    fields = world.party.redemption(_code(world))
    multipart = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    for headers, body in (
        ({"Content-Type": "multipart/form-data; boundary=b"}, f"{multipart}--b--\r\n"),
        ({"Content-Type": "application/json"}, json.dumps(fields)),
        ({"Content-Type": ""}, urlencode(fields)),
        ({"Content-Type": f"{FORM}; charset=utf-16"}, urlencode(fields)),
        ({"Content-Type": f"{FORM}; charset=nonsense"}, urlencode(fields)),
        ({"Content-Type": FORM, "Content-Encoding": "gzip"}, b"\x1f\x8b\x08" + b"\x00" * 100),
    ):
        sent = {"Authorization": basic(world.party.row.client_id, SECRET), **headers}
        answer = world.party.transport.send("POST", "/o/token/", body=body, headers=sent)
        assert_json(answer, "invalid_request", "unsupported_grant_type", status=(400, 415))
    assert_no_tokens()


@case("TK-06", "CA-15", "PK-18")
def parameters_in_the_address(world: World) -> None:
    fields = world.party.redemption(_code(world))
    for query in (
        urlencode(fields),
        urlencode({"client_id": world.party.row.client_id, "client_secret": SECRET}),
        urlencode({"code_verifier": VERIFIER}),
        "x",
    ):
        assert_json(world.party.post(f"/o/token/?{query}", fields), "invalid_request")
    assert_no_tokens()


@case("TK-08", "TK-10")
def other_grant_types(world: World) -> None:
    answers = []
    for grant_type in ("Authorization_Code", "client_credentials", "password", "implicit", "urn:x", "__init__"):
        for password in ("correct horse battery staple", "wrong"):
            fields = {"grant_type": grant_type, "username": world.user.get_username(), "password": password}
            answer = world.party.post("/o/token/", fields)
            assert_json(answer, "unsupported_grant_type")
            answers.append(answer.content)
    assert len(set(answers)) == 1
    assert_json(world.party.post("/o/token/", {}), "invalid_request", "unsupported_grant_type")


@case("TK-11")
def repeated_parameters(world: World) -> None:
    fields = world.party.redemption(_code(world), client_id=world.party.row.client_id, client_secret=SECRET)
    for name in fields:
        body = urlencode([*fields.items(), (name, fields[name])])
        assert_json(world.party.post_as_is("/o/token/", body), "invalid_request")
    assert_no_tokens()
    assert_tokens(world.party.post_as_is("/o/token/", urlencode(fields)))


@case("TK-12")
def unknown_parameters(world: World) -> None:
    assert_tokens(world.party.redeem(_code(world), extra="foobar"))


@case("TK-15")
def too_many_parameters(world: World) -> None:
    body = "&".join(f"p{number}=1" for number in range(5000))
    assert_json(world.party.post_as_is("/o/token/", body), "invalid_request")
    assert_json(world.party.post_as_is("/o/token/", "x=" + "y" * 3_000_000), "invalid_request", status=(400, 413))


@case("TK-16", "TK-21")
def headers_and_body_of_an_answer(world: World) -> None:
    answer = world.party.redeem(_code(world))
    tokens = assert_tokens(answer)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token"}
    assert tokens["expires_in"] > 0


@case("TK-17", "US-16")
def origins_that_are_not_registered(world: World) -> None:
    world.party.row.allowed_origins = "https://spa.example"
    world.party.row.save()
    for origin in ("https://evil.example", "null", "https://spa.example.evil.example", "http://spa.example", "*"):
        answer = world.party.post("/o/token/", world.party.redemption(_code(world)), Origin=origin)
        assert_tokens(answer)
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Access-Control-Allow-Credentials" not in answer.headers
        answer = world.party.transport.send(
            "GET", "/o/userinfo/", headers={"Authorization": "Bearer x", "Origin": origin}
        )
        assert "Access-Control-Allow-Origin" not in answer.headers


@case("TK-18")
def registered_origin(world: World) -> None:
    row = ClientFactory(public=True, allowed_origins="https://spa.example")
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = world.party.transport.send("OPTIONS", "/o/token/", headers={"Origin": "https://spa.example", **preflight})
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://spa.example"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    spa = Party(row, secret="")
    answer = spa.post("/o/token/", spa.redemption(_code(world, application=row)), Origin="https://spa.example")
    assert_tokens(answer)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://spa.example"
    assert "Origin" in answer.headers["Vary"]


@case("TK-19")
def session_cookie_is_ignored(world: World) -> None:
    other = UserFactory()
    code = _code(world, user=other, session=ProviderSessionFactory(user=other))
    signed_in = Party(world.party.row, transport=world.browser.transport)
    tokens = assert_tokens(signed_in.redeem(code))
    assert world.party.userinfo(tokens["access_token"]).json()["sub"] == str(other.pk)
    assert_json(signed_in.post_as_is("/o/token/", "grant_type=authorization_code"), "invalid_client", status=401)


@case("TK-22")
def descriptions_are_fixed(world: World) -> None:
    for value in ("<script>", 'a"b\\c', "x\r\ny", "é"):
        for fields in (
            {"grant_type": value},
            world.party.redemption(value),
            {"grant_type": "refresh_token", "refresh_token": value},
        ):
            answer = world.party.post("/o/token/", fields)
            assert value not in answer.text
            assert answer.status_code == 400


@case("TK-23")
def plain_http_is_left_to_the_sites_redirect(world: World) -> None:
    world.settings.SECURE_SSL_REDIRECT = True
    answer = world.party.transport.client.post("/o/token/", {"grant_type": "authorization_code"})
    assert answer.status_code == 301
    assert_no_tokens()


# CA: client authentication


@case("CA-01", "CA-02")
def two_ways_at_once(world: World) -> None:
    fields = world.party.redemption(_code(world))
    other = ClientFactory()
    for more in (
        {"client_secret": SECRET},
        {"client_id": world.party.row.client_id, "client_secret": SECRET},
        {"client_id": other.client_id},
        {"client_id": other.client_id, "client_secret": SECRET},
    ):
        answer = world.party.post("/o/token/", {**fields, **more})
        assert_json(answer, "invalid_request", "invalid_client", status=(400, 401))
    assert_no_tokens()
    assert_tokens(world.party.post("/o/token/", {**fields, "client_id": world.party.row.client_id}))


@case("CA-03", "CA-04", "CA-05", "CA-09")
def wrong_secrets_and_unknown_clients_look_alike(world: World) -> None:
    code = _code(world)
    no_secret = ClientFactory(secret="")
    disabled = ClientFactory(is_active=False)
    bodies = set()
    for client_id, secret in (
        (world.party.row.client_id, "wrong"),
        (world.party.row.client_id, ""),
        (world.party.row.client_id, SECRET.upper()),
        (world.party.row.client_id, SECRET + " "),
        ("nobody", SECRET),
        ("nobody", ""),
        (no_secret.client_id, ""),
        (no_secret.client_id, "x"),
        (disabled.client_id, SECRET),
        ("", ""),
        ("\x00", "\x00"),
    ):
        for path in ("/o/token/", "/o/introspect/", "/o/revoke/"):
            fields = urlencode({**world.party.redemption(code), "token": "x"})
            answer = world.party.post_as_is(path, fields, Authorization=basic(client_id, secret))
            assert_json(answer, "invalid_client", status=401)
            assert answer.headers["WWW-Authenticate"].startswith("Basic")
            bodies.add(answer.content)
        if "\x00" not in client_id:
            form = {**world.party.redemption(code), "client_id": client_id, "client_secret": secret}
            answer = world.party.post_as_is("/o/token/", urlencode(form))
            assert_json(answer, "invalid_client", status=401)
            bodies.add(answer.content)
    assert len(bodies) == 1
    assert_no_tokens()


@case("CA-06", "CA-21", "DO-03")
def unknown_client_costs_what_a_wrong_secret_costs(world: World) -> None:
    def milliseconds(client_id: str) -> float:
        began = time.perf_counter()
        world.party.post_as_is("/o/token/", "grant_type=x", Authorization=basic(client_id, "wrong"))
        return (time.perf_counter() - began) * 1000

    known, unknown = [], []
    for _ in range(40):
        known.append(milliseconds(world.party.row.client_id))
        unknown.append(milliseconds("nobody"))
    assert abs(statistics.median(known) - statistics.median(unknown)) < 2
    assert statistics.median(known) < 50  # and no slow hash runs


@case("CA-08")
def no_client_at_all(world: World) -> None:
    fields = world.party.redemption(_code(world))
    assert_json(world.party.post_as_is("/o/token/", urlencode(fields)), "invalid_client", status=401)


@case("CA-10", "CA-26")
def schemes(world: World) -> None:
    good = basic(world.party.row.client_id, SECRET)
    for scheme in ("basic", "BASIC", "bAsIc"):
        body = urlencode(world.party.redemption(_code(world)))
        assert_tokens(world.party.post_as_is("/o/token/", body, Authorization=good.replace("Basic", scheme)))
    AccessToken.objects.all().delete()
    RefreshToken.objects.all().delete()
    body = urlencode(world.party.redemption(_code(world)))
    for header in (
        good.replace("Basic", "Bearer"),
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic bm9jb2xvbg==",
        "Basic //79",
        f"{good}, {good}",
        "Digest x",
        good.replace("Basic ", "Basic\t"),
        "Basic " + "A" * 100_001,
    ):
        assert_json(world.party.post_as_is("/o/token/", body, Authorization=header), "invalid_client", status=401)
    assert_no_tokens()


@case("CA-12", "CA-13")
def secrets_with_special_characters(world: World) -> None:
    secret = "a:b%c+d e/f&g=h é%41"
    row = ClientFactory(secret=secret)
    body = urlencode(world.party.redemption(_code(world, application=row)))
    raw = "Basic " + b64encode(f"{row.client_id}:{secret}".encode()).decode()
    assert_json(world.party.post_as_is("/o/token/", body, Authorization=raw), "invalid_client", status=401)
    assert_tokens(world.party.post_as_is("/o/token/", body, Authorization=basic(row.client_id, secret)))


@case("CA-16")
def registered_authentication_method(world: World) -> None:
    for method, works in (("client_secret_basic", "basic"), ("client_secret_post", "post"), ("", "both")):
        row = ClientFactory(token_endpoint_auth_method=method)
        fields = world.party.redemption(_code(world, application=row))
        by_post = urlencode({**fields, "client_id": row.client_id, "client_secret": SECRET})
        by_basic = basic(row.client_id, SECRET)
        if works == "basic":
            assert_json(world.party.post_as_is("/o/token/", by_post), "invalid_client", status=401)
        if works == "post":
            answer = world.party.post_as_is("/o/token/", urlencode(fields), Authorization=by_basic)
            assert_json(answer, "invalid_client", status=401)
            assert_tokens(world.party.post_as_is("/o/token/", by_post))
        else:
            assert_tokens(world.party.post_as_is("/o/token/", urlencode(fields), Authorization=by_basic))


@case("CA-17", "CA-18")
def public_clients(world: World) -> None:
    row = world.public_party.row
    fields = world.public_party.redemption(_code(world, application=row))
    for secret in ("anything", " "):
        body = urlencode({**fields, "client_id": row.client_id, "client_secret": secret})
        assert_json(world.party.post_as_is("/o/token/", body), "invalid_client", status=401)
    answer = world.party.post_as_is("/o/token/", urlencode(fields), Authorization=basic(row.client_id, ""))
    assert_json(answer, "invalid_client", status=401)
    assert_no_tokens()
    assert_tokens(world.public_party.post("/o/token/", fields))


@case("CA-19")
def huge_secrets(world: World) -> None:
    for length in (513, 100_000):
        body = urlencode({**GRANT, "client_id": world.party.row.client_id, "client_secret": "s" * length})
        assert_json(world.party.post_as_is("/o/token/", body), "invalid_client", status=401)
    body = urlencode({"client_id": world.party.row.client_id, "client_secret": "s" * 2_000_000})
    answer = world.party.post_as_is("/o/token/", body)
    assert_json(answer, "invalid_request", "invalid_client", status=(400, 401, 413))


@case("CA-24")
def expired_secret(world: World) -> None:
    old = ClientSecretFactory(client=world.party.row, value="old secret", expires=timezone.now() + timedelta(hours=1))
    party = Party(world.party.row, secret="old secret")
    assert_tokens(party.redeem(_code(world)))
    world.clock.advance(hours=2)
    assert_json(party.redeem(_code(world)), "invalid_client", status=401)
    old.delete()
    assert_tokens(world.party.redeem(_code(world)))


@case("CA-28")
def there_is_no_hs256(world: World) -> None:
    for algorithm in ("HS256", "none", "RS1"):
        with pytest.raises(ValidationError):
            clients.register_client(name="x", redirect_uris=[REDIRECT_URI], id_token_signed_response_alg=algorithm)


@case("JW-01", "JW-02", "JW-03", "JW-04", "JW-05", "JW-07", "JW-08", "JW-10", "JW-11", "JW-13", "JW-16")
def client_assertions_authenticate_nobody(world: World) -> None:
    """private_key_jwt is not built: no assertion, however made, stands for a client."""
    fields = world.party.redemption(_code(world))
    for assertion in ("eyJhbGciOiJub25lIn0.e30.", "a.b.c", "x" * 100_000):
        body = {**fields, "client_id": world.party.row.client_id, "client_assertion": assertion}
        body["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert_json(world.party.post_as_is("/o/token/", urlencode(body)), "invalid_client", status=401)
        assert_json(world.party.post("/o/token/", body), "invalid_request", "invalid_client", status=(400, 401))
    assert_no_tokens()


# CD: authorization codes


@case("CD-03")
def old_code(world: World) -> None:
    code = world.code()
    world.clock.advance(seconds=61)
    assert_json(world.party.redeem(code), "invalid_grant")
    assert_no_tokens()


@case("CD-04", "CD-05")
def replayed_code(world: World) -> None:
    for seconds in (0, 31, 300):
        code = _code(world)
        tokens = assert_tokens(world.party.redeem(code))
        newer = assert_tokens(world.party.refresh(tokens["refresh_token"]))
        world.clock.advance(seconds=seconds)
        assert_json(world.party.redeem(code), "invalid_grant")
        for token in (tokens["access_token"], newer["access_token"]):
            assert world.party.userinfo(token).status_code == 401
        assert_json(world.party.refresh(newer["refresh_token"]), "invalid_grant")
        assert not AccessToken.objects.filter(revoked=None).exists()
        assert not RefreshToken.objects.filter(revoked=None).exists()


@case("CD-06", "CD-07")
def code_of_another_client(world: World) -> None:
    thief = Party(ClientFactory())
    code = _code(world)
    stolen, unknown = thief.redeem(code), thief.redeem("no-such-code")
    assert_json(stolen, "invalid_grant")
    assert stolen.content == unknown.content
    assert_no_tokens()
    tokens = assert_tokens(world.party.redeem(code))  # it was not spent
    assert_json(thief.redeem(code), "invalid_grant")
    assert world.party.userinfo(tokens["access_token"]).status_code == 200  # nor what came of it revoked
    assert AuditEvent.objects.filter(reason="code_of_another_client", outcome="refused").count() == 2


@case("CD-08", "CD-09")
def redirect_uri_of_the_redemption(world: World) -> None:
    for redirect_uri in (None, "", f"{REDIRECT_URI}/", "https://evil.example/cb", REDIRECT_URI.upper()):
        code = _code(world)
        assert_json(world.party.redeem(code, redirect_uri=redirect_uri), "invalid_grant")
        assert_json(world.party.redeem(code), "invalid_grant")  # spent by its own client's mistake
    assert_no_tokens()


@case("CD-10")
def disabled_person(world: World) -> None:
    code = world.code()
    world.user.is_active = False
    world.user.save()
    assert_json(world.party.redeem(code), "invalid_grant")
    assert_no_tokens()


@case("CD-12")
def disabled_client(world: World) -> None:
    code = world.code()
    world.party.row.is_active = False
    world.party.row.save()
    assert_json(world.party.redeem(code), "invalid_client", "invalid_grant", status=(400, 401))
    assert_no_tokens()


@case("CD-13")
def changed_password(world: World) -> None:
    code = world.code()
    world.user.set_password("another")
    world.user.save()
    assert_json(world.party.redeem(code), "invalid_grant")
    assert_no_tokens()


@case("CD-14", "RF-21", "AT-04")
def random_values(world: World) -> None:
    codes = {world.code() for _ in range(20)}
    tokens = [world.party.redeem(code).json() for code in codes]
    for values in (codes, {t["access_token"] for t in tokens}, {t["refresh_token"] for t in tokens}):
        assert len(values) == 20
        for value in values:
            assert len(value) == 43  # 256 bits in base64url
            assert value.replace("-", "").replace("_", "").isalnum()
            assert value.isascii()
        assert len({value[:4] for value in values}) > 15


@case("CD-16", "RF-08", "RV-12")
def tokens_in_the_wrong_place(world: World) -> None:
    code = _code(world)
    tokens = assert_tokens(world.party.redeem(code))
    spare = _code(world)
    for value in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"]):
        assert_json(world.party.redeem(value), "invalid_grant")
    for value in (tokens["access_token"], tokens["id_token"], spare):
        assert_json(world.party.refresh(value), "invalid_grant")
    for value in (spare, tokens["id_token"]):
        assert world.party.revoke(value).status_code == 200
    assert world.party.userinfo(tokens["access_token"]).status_code == 200
    assert_tokens(world.party.redeem(spare))


@case("CD-18")
def resource_that_was_not_granted(world: World) -> None:
    code = _code(world, resource=["https://api.example/"])
    assert_json(world.party.redeem(code, resource="https://other.example/"), "invalid_target")
    tokens = assert_tokens(world.party.redeem(code, resource="https://api.example/"))
    assert world.party.introspect(tokens["access_token"]).json()["aud"] == ["https://api.example/"]
    answer = world.party.refresh(tokens["refresh_token"], resource="https://other.example/")
    assert_json(answer, "invalid_target")


@case("CD-19", "PK-12")
def injected_code(world: World) -> None:
    code = world.code()
    victims_verifier = "v" * 43
    assert_json(world.party.redeem(code, code_verifier=victims_verifier), "invalid_grant")
    assert_json(world.party.redeem(code), "invalid_grant")  # one guess, then it is gone
    assert_no_tokens()


# PK: PKCE


@case("PK-02", "PK-05", "PK-06", "PK-07", "PK-08", "PK-09")
def challenges_that_are_none(world: World) -> None:
    for changes in (
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "S512"},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S256 "},
        {"code_challenge": ""},
        {"code_challenge": "x" * 42},
        {"code_challenge": "x" * 44},
        {"code_challenge": "x" * 129},
        {"code_challenge": CHALLENGE + "="},
        {"code_challenge": CHALLENGE[:-1] + "!"},
        {"code_challenge": CHALLENGE[:-1] + "é"},
        {"code_challenge": CHALLENGE[:-1] + "."},
    ):
        for party in (world.party, world.public_party):
            asked, answer = world.ask(party, **changes)
            assert_redirect(answer, asked, "invalid_request")


@case("PK-03")
def exempted_confidential_client(world: World) -> None:
    world.party.row.pkce_required = False
    world.party.row.save()
    code = world.code(code_challenge=None, code_challenge_method=None)
    assert_tokens(world.party.redeem(code, code_verifier=None))
    public = Party(ClientFactory(public=True, pkce_required=False), secret="")
    asked, answer = world.ask(public, code_challenge=None, code_challenge_method=None)
    found = answer.headers["Location"]
    assert "error=invalid_request" in found
    assert asked["state"] in found


@case("PK-11", "PK-15")
def verifier_missing_or_the_challenge_itself(world: World) -> None:
    for verifier in (None, "", CHALLENGE):
        assert_json(world.party.redeem(_code(world), code_verifier=verifier), "invalid_grant")
    assert_no_tokens()


@case("PK-13", "PK-14")
def verifiers_of_the_wrong_form(world: World) -> None:
    for verifier in ("short", "x" * 42, "x" * 129, "x" * 100_000):
        code = _code(world, code_challenge=code_challenge(verifier))
        assert_json(
            world.party.redeem(code, code_verifier=verifier), "invalid_grant", "invalid_request", status=(400, 413)
        )
    for verifier in ("\x00" * 43, "é" * 43, "x" * 42 + "\n", "x" * 42 + "+", "１" * 43):
        assert_json(world.party.redeem(_code(world), code_verifier=verifier), "invalid_grant", "invalid_request")
    assert_no_tokens()


@case("PK-16")
def verifier_without_challenge(world: World) -> None:
    world.party.row.pkce_required = False
    world.party.row.save()
    code = world.code(code_challenge=None, code_challenge_method=None)
    assert_json(world.party.redeem(code), "invalid_grant")
    assert_no_tokens()


@case("AZ-57", "PK-03")
def code_challenge_is_kept_where_it_is_optional(world: World) -> None:
    world.party.row.pkce_required = False
    world.party.row.save()
    asked, _ = world.ask()
    code = assert_code(world.browser.allow(), asked)
    assert_json(world.party.redeem(code, code_verifier=None), "invalid_grant")
    assert AuthorizationCode.objects.get().redeemed_at is not None
    assert quote_plus(code) == code
