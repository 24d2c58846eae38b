"""What a provider may answer and we must refuse: one case per rule, through the views, over real HTTP.

The ids name the row of the design's table ("T28") or of the catalogue of cases ("RP-55").
"""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from codeflow.core import jose
from codeflow.relying_party.models import Identity, RPSession, TokenGrant
from tests.relying_party.misbehaving_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OTHER_KEY,
    MisbehavingProvider,
    Reply,
    json_reply,
)

Misbehaviour = Callable[[MisbehavingProvider], None]

STATUS = {"A": 200, "B": 400, "C": 400, "D": 503, "E": 403}
CONFIGURATION = "/op/.well-known/openid-configuration"
NOW = int(time.time())
NO_UTF8 = b"\xff"


def claims(**values: Any) -> Misbehaviour:
    return lambda op: op.claims.update(values)


def metadata(**values: Any) -> Misbehaviour:
    return lambda op: op.metadata.update(values)


def members(**values: Any) -> Misbehaviour:
    return lambda op: op.token_members.update(values)


def callback(**values: Any) -> Misbehaviour:
    return lambda op: op.callback_parameters.update(values)


def header(**values: Any) -> Misbehaviour:
    return lambda op: op.header.update(values)


def reply(path: str, status: int = 200, body: bytes = b"", **headers: str) -> Misbehaviour:
    content_type = {"Content-Type": "application/json"}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda op: op.replies.update({path: lambda: Reply(status=status, headers=content_type | sent, body=body)})


def id_token(make: Callable[[MisbehavingProvider, dict[str, Any]], str]) -> Misbehaviour:
    def misbehave(op: MisbehavingProvider) -> None:
        op.make_id_token = lambda claims: make(op, claims)

    return misbehave


def part(value: Any) -> str:
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def resigned(payload: bytes, op: MisbehavingProvider) -> str:
    """A good signature over any octets."""
    return jwt.PyJWS().encode(payload, op.key, algorithm="RS256", headers={"kid": op.kid})


def altered(op: MisbehavingProvider, claims: dict[str, Any]) -> str:
    head, _, signature = op.sign(claims).split(".")
    return f"{head}.{part({**claims, 'sub': 'somebody-else'})}.{signature}"


def alg_none(op: MisbehavingProvider, claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def hs256_with_the_public_key(op: MisbehavingProvider, claims: dict[str, Any]) -> str:
    return hs256(claims, json.dumps(op.public_jwk()).encode(), op)


def hs256(claims: dict[str, Any], key: bytes, op: MisbehavingProvider) -> str:
    algorithm = jwt.get_algorithm_by_name("HS256")
    signed = f"{part({'alg': 'HS256', 'kid': op.kid})}.{part(claims)}"
    return f"{signed}.{part(algorithm.sign(signed.encode(), key))}"


def with_another_key(op: MisbehavingProvider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers={"kid": op.kid})


def with_an_embedded_key(op: MisbehavingProvider, claims: dict[str, Any]) -> str:
    own = jose.public_jwk(OTHER_KEY, alg="RS256")
    headers = {"jwk": own, "jku": f"{op.origin}/evil", "kid": own["kid"]}
    return jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers=headers)


def with_es256(op: MisbehavingProvider, claims: dict[str, Any]) -> str:
    """The key is in the set, but the provider states RS256 alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    op.jwks = {"keys": [jose.public_jwk(key, alg="ES256", kid="ec")]}
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": "ec"})


def weak_key(op: MisbehavingProvider) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # the rule under test
    public = jwt.algorithms.RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True)
    op.jwks = {"keys": [{**public, "kid": op.kid, "use": "sig"}, jose.public_jwk(OTHER_KEY, alg="RS256", kid="key-2")]}
    op.make_id_token = lambda claims: rs256(claims, weak, op)


def rs256(claims: dict[str, Any], key: rsa.RSAPrivateKey, op: MisbehavingProvider) -> str:
    signed = f"{part({'alg': 'RS256', 'kid': op.kid})}.{part(claims)}"
    return f"{signed}.{part(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def encryption_key(op: MisbehavingProvider) -> None:
    op.jwks = {"keys": [{**op.public_jwk(), "use": "enc"}, jose.public_jwk(OTHER_KEY, alg="RS256", kid="key-2")]}


def key_for_another_algorithm(op: MisbehavingProvider) -> None:
    op.jwks = {"keys": [{**op.public_jwk(), "alg": "RS512"}]}


def dripping(path: str) -> Misbehaviour:
    return lambda op: op.replies.update({path: lambda: Reply(body=b" " * 400, drip=0.02)})


def hang_up(path: str) -> Misbehaviour:
    def close() -> Reply:
        raise ConnectionError

    return lambda op: op.replies.update({path: close})


DISCOVERY = [
    ("T1 RP-98 another issuer", metadata(issuer="https://login.acme.example"), "C", "metadata.issuer"),
    ("RP-16 issuer with a slash more", lambda op: op.metadata.update(issuer=op.issuer + "/"), "C", "metadata.issuer"),
    ("T1 no issuer", metadata(issuer=None), "C", "metadata.member"),
    ("T2 not found", reply(CONFIGURATION, 404, b"{}"), "C", "metadata.status"),
    ("T2 server error", reply(CONFIGURATION, 500, b"{}"), "D", "metadata.status"),
    ("T2 too many requests", reply(CONFIGURATION, 429, b"{}"), "D", "metadata.status"),
    ("T2 RP-101 HTML", reply(CONFIGURATION, 200, b"<html>", Content_Type="text/html"), "C", "metadata.json"),
    ("T2 no object", reply(CONFIGURATION, 200, b"[]"), "C", "metadata.json"),
    ("T2 too large", reply(CONFIGURATION, 200, b" " * (1024 * 1024 + 1)), "C", "metadata.broke_the_rules"),
    ("T2 redirected", reply(CONFIGURATION, 302, b"", Location="https://elsewhere.example/"), "C", "metadata.status"),
    ("T2 hung up", hang_up(CONFIGURATION), "D", "metadata.unreachable"),
    (
        "T3 RP-100 token endpoint over http",
        metadata(token_endpoint="http://login.acme.example/token"),
        "C",
        "metadata.token_endpoint",
    ),
    ("T3 jwks_uri is a file", metadata(jwks_uri="file:///etc/passwd"), "C", "metadata.jwks_uri"),
    (
        "T3 userinfo with credentials",
        metadata(userinfo_endpoint="https://a:b@acme.example/"),
        "C",
        "metadata.userinfo_endpoint",
    ),
    ("T4 no token endpoint", metadata(token_endpoint=None), "C", "metadata.token_endpoint"),
    ("T4 no jwks_uri", metadata(jwks_uri=None), "C", "metadata.jwks_uri"),
    ("T4 member of a wrong type", metadata(token_endpoint=1), "C", "metadata.member"),
    (
        "T4 code not supported",
        metadata(response_types_supported=["id_token"]),
        "C",
        "metadata.response_types_supported",
    ),
    (
        "T4 no shared client authentication",
        metadata(token_endpoint_auth_methods_supported=["private_key_jwt"]),
        "C",
        "metadata.token_endpoint_auth_methods_supported",
    ),
    (
        "T4 PKCE without S256",
        metadata(code_challenge_methods_supported=["plain"]),
        "C",
        "metadata.code_challenge_methods_supported",
    ),
    ("T5 template of an issuer", metadata(issuer="https://login.acme.example/{tenantid}/v2.0"), "C", "metadata.issuer"),
]


@pytest.mark.parametrize(
    ("misbehave", "outcome", "code"), [case[1:] for case in DISCOVERY], ids=[case[0] for case in DISCOVERY]
)
@pytest.mark.spec("OIDC Discovery", "4.3", "metadata that breaks a rule is not used")
def test_bad_metadata_starts_no_login(browser, events, misbehave, outcome, code):
    misbehave(browser.op)
    response = browser.client.get("/auth/login/acme/", {"next": "/account/"})
    assert_page(response, outcome)
    assert not response.cookies
    assert [(event.name, event.reason) for event in events] == [("login_failed", code)]


AUTHORIZATION_RESPONSE = [
    ("T10 RP-15 another issuer", callback(iss="https://evil.example"), "C", "callback.iss"),
    (
        "T10 another issuer in an error response",
        callback(iss="https://evil.example", code=None, error="access_denied"),
        "C",
        "callback.iss",
    ),
    ("T11 RP-14 iss left out though announced", callback(iss=None), "C", "callback.iss"),
    (
        "T11 iss left out of an error response",
        callback(iss=None, code=None, error="access_denied"),
        "C",
        "callback.iss",
    ),
    ("T13 RP-18 denied", callback(code=None, error="access_denied"), "A", "callback.access_denied"),
    ("T13 server_error", callback(code=None, error="server_error"), "D", "callback.error"),
    ("T13 temporarily_unavailable", callback(code=None, error="temporarily_unavailable"), "D", "callback.error"),
    (
        "T13 login_required though nothing forbade a page",
        callback(code=None, error="login_required"),
        "C",
        "callback.error",
    ),
    ("T13 unregistered error", callback(code=None, error="teapot"), "C", "callback.error"),
    ("T14 RP-21 code and error", callback(error="access_denied"), "C", "callback.code_or_error"),
    ("T14 neither", callback(code=None), "C", "callback.code_or_error"),
    ("T14 code is empty", callback(code=""), "C", "callback.code_or_error"),
    ("T14 RP-22 code twice", callback(code=["a", "b"]), "C", "callback.repeated"),
    ("T14 iss twice", lambda op: op.callback_parameters.update(iss=[op.issuer, op.issuer]), "C", "callback.repeated"),
    ("T14 error twice", callback(code=None, error=["access_denied", "access_denied"]), "C", "callback.repeated"),
    (
        "T14 description twice",
        callback(code=None, error="access_denied", error_description=["a", "b"]),
        "C",
        "callback.repeated",
    ),
    ("T15 RP-27 id_token", callback(id_token="eyJ"), "C", "callback.front_channel"),
    ("T15 access_token", callback(access_token="abc"), "C", "callback.front_channel"),
    ("T15 response", callback(response="eyJ"), "C", "callback.front_channel"),
    ("T16 RP-23 long code", callback(code="a" * 4097), "C", "callback.length"),
    (
        "T16 long description",
        callback(code=None, error="access_denied", error_description="a" * 1025),
        "C",
        "callback.length",
    ),
]

TOKEN_RESPONSE = [
    ("T17 hung up", hang_up("/op/token"), "D", "token.unreachable"),
    ("T17 RP-109 drips beyond the deadline", dripping("/op/token"), "D", "token.unreachable"),
    ("T18 RP-31 too large", reply("/op/token", 200, b" " * (1024 * 1024 + 1)), "C", "token.broke_the_rules"),
    ("T18 ID token too large", members(id_token="a" * (64 * 1024 + 1)), "C", "token.id_token"),
    (
        "T19 RP-32 redirect 307",
        reply("/op/token", 307, b"", Location="https://elsewhere.example/"),
        "C",
        "token.redirect",
    ),
    ("T19 redirect 302", reply("/op/token", 302, b"", Location="/op/token2"), "C", "token.redirect"),
    ("T20 invalid_grant", reply("/op/token", 400, b'{"error": "invalid_grant"}'), "B", "token.invalid_grant"),
    ("T20 invalid_client", reply("/op/token", 401, b'{"error": "invalid_client"}'), "C", "token.invalid_client"),
    ("T20 unauthorized_client", reply("/op/token", 400, b'{"error": "unauthorized_client"}'), "C", "token.error"),
    ("T20 4xx without JSON", reply("/op/token", 400, b"<html>", Content_Type="text/html"), "C", "token.error"),
    ("T20 4xx with an error that is no text", reply("/op/token", 400, b'{"error": 1}'), "C", "token.error"),
    ("T21 500", reply("/op/token", 500, b"{}"), "D", "token.status"),
    ("T21 503", reply("/op/token", 503, b"{}"), "D", "token.status"),
    ("T21 HTML", reply("/op/token", 200, b"<html>", Content_Type="text/html"), "C", "token.json"),
    ("T21 empty", reply("/op/token"), "C", "token.json"),
    ("T21 null", reply("/op/token", 200, b"null"), "C", "token.json"),
    ("T21 no object", reply("/op/token", 200, b"[]"), "C", "token.json"),
    (
        "T21 duplicate members",
        reply("/op/token", 200, b'{"access_token": "a", "access_token": "b"}'),
        "C",
        "token.json",
    ),
    ("T21 NaN", reply("/op/token", 200, b'{"access_token": "a", "expires_in": NaN}'), "C", "token.json"),
    ("T21 RP-31 200 with an error", reply("/op/token", 200, b'{"error": "invalid_grant"}'), "C", "token.access_token"),
    ("T22 no access token", members(access_token=...), "C", "token.access_token"),
    ("T22 empty access token", members(access_token=""), "C", "token.access_token"),
    ("T22 access token is a number", members(access_token=1), "C", "token.access_token"),
    ("T22 access token with a line break", members(access_token="a\r\nX-Evil: 1"), "C", "token.access_token"),
    ("T23 RP-33 no token type", members(token_type=...), "C", "token.token_type"),
    ("T23 mac", members(token_type="mac"), "C", "token.token_type"),
    ("T23 DPoP", members(token_type="DPoP"), "C", "token.token_type"),
    ("T23 token type is a list", members(token_type=["Bearer"]), "C", "token.token_type"),
    ("T24 RP-36 no ID token", members(id_token=...), "C", "token.id_token"),
    ("T24 ID token is null", members(id_token=None), "C", "token.id_token"),
    ("T25 scope is a list", members(scope=["openid"]), "C", "token.scope"),
    ("refresh token is a number", members(refresh_token=1), "C", "token.refresh_token"),
]

ID_TOKEN = [
    ("T27 one part", members(id_token="abc"), "C", "id_token.form"),
    ("T27 RP-67 encrypted", members(id_token="a.b.c.d.e"), "C", "id_token.form"),
    ("T27 bad base64", members(id_token="!.!.!"), "C", "id_token.form"),
    (
        "T27 bad UTF-8",
        id_token(lambda op, claims: f"{part(NO_UTF8)}.{part(claims)}.{part(b'x')}"),
        "C",
        "id_token.form",
    ),
    ("T27 payload is no object", id_token(lambda op, claims: resigned(b"[]", op)), "C", "id_token.form"),
    (
        "T27 RP-68 duplicate members",
        id_token(lambda op, claims: resigned(b'{"iss": "a", "iss": "b"}', op)),
        "C",
        "id_token.form",
    ),
    (
        "T27 RP-68 nested deeply",
        id_token(lambda op, claims: resigned(b'{"a":' + b"[" * 10000 + b"]" * 10000 + b"}", op)),
        "C",
        "id_token.form",
    ),
    ("T28 RP-55 alg none", id_token(alg_none), "C", "id_token.alg"),
    ("T29 alg outside the pin", id_token(with_es256), "C", "id_token.alg"),
    ("T30 RP-56 HS256 keyed by the public key", id_token(hs256_with_the_public_key), "C", "id_token.alg"),
    (
        "T30 HS256 keyed by the secret",
        id_token(lambda op, claims: hs256(claims, CLIENT_SECRET.encode(), op)),
        "C",
        "id_token.alg",
    ),
    ("T31 RP-54 payload altered", id_token(altered), "C", "id_token.signature"),
    ("T31 right kid, wrong key", id_token(with_another_key), "C", "id_token.signature"),
    (
        "T31 no signature",
        id_token(lambda op, claims: op.sign(claims).rpartition(".")[0] + "."),
        "C",
        "id_token.signature",
    ),
    ("T31 RP-62 weak key", weak_key, "C", "id_token.signature"),
    ("T31 key for encryption", encryption_key, "C", "id_token.signature"),
    ("T31 key for another algorithm", key_for_another_algorithm, "C", "id_token.signature"),
    ("T32 RP-61 embedded key", id_token(with_an_embedded_key), "C", "id_token.signature"),
    ("T33 RP-59 unknown kid", header(kid="key-9"), "C", "id_token.signature"),
    ("T35 crit", header(crit=["exp"]), "C", "id_token.signature"),
    ("T36 RP-66 access token", header(typ="at+jwt"), "C", "id_token.signature"),
    ("T36 logout token", header(typ="logout+jwt"), "C", "id_token.signature"),
    ("T37 RP-41 no iss", claims(iss=...), "C", "id_token.iss"),
    ("T37 RP-40 another iss", claims(iss="https://evil.example"), "C", "id_token.iss"),
    ("T37 iss with a slash more", lambda op: op.claims.update(iss=op.issuer + "/"), "C", "id_token.iss"),
    ("T38 RP-44 no aud", claims(aud=...), "C", "id_token.aud"),
    ("T38 RP-43 another aud", claims(aud="other"), "C", "id_token.aud"),
    ("T38 aud is a number", claims(aud=1), "C", "id_token.aud"),
    ("T38 aud holds a number", claims(aud=[CLIENT_ID, 1]), "C", "id_token.aud"),
    ("T39 RP-46 untrusted second audience", claims(aud=[CLIENT_ID, "other"], azp=CLIENT_ID), "C", "id_token.audiences"),
    ("T40 RP-47 azp is another client", claims(azp="other"), "C", "id_token.azp"),
    ("T41 no exp", claims(exp=...), "C", "id_token.exp"),
    ("T41 RP-48 expired", claims(exp=NOW - 120), "C", "id_token.exp"),
    ("T41 exp is text", claims(exp=str(NOW + 300)), "C", "id_token.exp"),
    ("T41 exp is true", claims(exp=True), "C", "id_token.exp"),
    ("T41 exp in milliseconds", claims(exp=(NOW + 300) * 1000), "C", "id_token.exp"),
    ("T41 absurd exp", claims(exp=1e300), "C", "id_token.exp"),
    ("T42 RP-49 no iat", claims(iat=...), "C", "id_token.iat"),
    ("T42 RP-50 iat in the future", claims(iat=NOW + 3600), "C", "id_token.iat"),
    ("T42 RP-50 iat a week ago", claims(iat=NOW - 7 * 24 * 3600), "C", "id_token.iat"),
    ("T43 nbf in the future", claims(nbf=NOW + 3600), "C", "id_token.nbf"),
    ("T43 nbf is text", claims(nbf="now"), "C", "id_token.nbf"),
    ("T44 RP-42 no sub", claims(sub=...), "C", "id_token.sub"),
    ("T44 empty sub", claims(sub=""), "C", "id_token.sub"),
    ("T44 sub is a number", claims(sub=1), "C", "id_token.sub"),
    ("T44 long sub", claims(sub="a" * 256), "C", "id_token.sub"),
    ("T44 sub is not ASCII", claims(sub="ålice"), "C", "id_token.sub"),
    ("T45 RP-51 another nonce", claims(nonce="other"), "C", "id_token.nonce"),
    ("T45 RP-52 no nonce", claims(nonce=...), "C", "id_token.nonce"),
    ("T45 nonce is a number", claims(nonce=1), "C", "id_token.nonce"),
    ("T46 RP-63 wrong at_hash", claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "C", "id_token.at_hash"),
    ("T46 at_hash is null", claims(at_hash=None), "C", "id_token.at_hash"),
    ("T46 wrong c_hash", claims(c_hash="AAAAAAAAAAAAAAAAAAAAAA"), "C", "id_token.c_hash"),
    ("T49 sid is a number", claims(sid=7), "C", "id_token.sid"),
    ("T49 auth_time is text", claims(auth_time="now"), "C", "id_token.auth_time_form"),
]

USERINFO = [
    ("T50 RP-70 no sub", lambda op: op.userinfo.pop("sub"), "C", "userinfo.sub"),
    ("T50 RP-69 another sub", lambda op: op.userinfo.update(sub="other"), "C", "userinfo.sub"),
    ("T50 sub is a number", lambda op: op.userinfo.update(sub=248289761001), "C", "userinfo.sub"),
    ("T50 HTML", reply("/op/userinfo", 200, b"<html>", Content_Type="text/html"), "C", "userinfo.json"),
    ("T50 no object", reply("/op/userinfo", 200, b"[]"), "C", "userinfo.json"),
    (
        "T52 unsigned JWT",
        reply("/op/userinfo", 200, f"{part({'alg': 'none'})}.{part({})}.".encode(), Content_Type="application/jwt"),
        "C",
        "userinfo.signature",
    ),
]

JWKS = [
    ("T54 500", reply("/op/jwks", 500), "D", "jwks.status"),
    ("T54 HTML", reply("/op/jwks", 200, b"<html>", Content_Type="text/html"), "D", "jwks.json"),
    ("T54 empty", reply("/op/jwks", 200, b'{"keys": []}'), "D", "jwks.empty"),
    ("T54 no set", reply("/op/jwks", 200, b"{}"), "D", "jwks.form"),
    ("T54 no object", reply("/op/jwks", 200, b"[]"), "D", "jwks.json"),
    ("T54 more than 512 KB", reply("/op/jwks", 200, b" " * (512 * 1024 + 1)), "D", "jwks.broke_the_rules"),
    ("T54 RP-62 101 keys", lambda op: setattr(op, "jwks", {"keys": [op.public_jwk()] * 101}), "D", "jwks.form"),
]

AFTER_THE_START = [*AUTHORIZATION_RESPONSE, *TOKEN_RESPONSE, *ID_TOKEN, *USERINFO, *JWKS]


@pytest.mark.parametrize(
    ("misbehave", "outcome", "code"), [case[1:] for case in AFTER_THE_START], ids=[case[0] for case in AFTER_THE_START]
)
@pytest.mark.spec("OIDC Core", "3.1.3.7", "an answer that breaks a rule signs nobody in")
def test_bad_answer_signs_nobody_in(browser, events, monkeypatch, misbehave, outcome, code):
    monkeypatch.setattr("codeflow.relying_party.conf.Door", _hasty_door)
    location = browser.start("/account/?tab=1")
    misbehave(browser.op)
    query = browser.op.authorize(location)
    response = browser.come_back(query)
    assert_page(response, outcome)
    assert 'value="/account/?tab=1"' in response.content.decode()
    assert not browser.is_signed_in
    assert not any(model.objects.exists() for model in (Identity, TokenGrant, RPSession))
    assert (events[-1].name, events[-1].reason) == ("login_failed", code)
    assert events[-1].reference in response.content.decode()
    assert_attempt_is_spent(browser, query)


def assert_attempt_is_spent(browser: Any, query: str) -> None:
    """Neither its cookie nor a copy of it can be used again."""
    assert all(
        not cookie.value for name, cookie in browser.client.cookies.items() if name.startswith("codeflow_login_")
    )
    tokens_asked = len(browser.op.requests_to("/op/token"))
    assert browser.come_back(query).status_code == 400
    assert len(browser.op.requests_to("/op/token")) == tokens_asked


def assert_page(response: Any, outcome: str) -> None:
    assert response.status_code == STATUS[outcome], response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert ("Retry-After" in response.headers) is (outcome == "D")
    assert 'id="reference"' in response.content.decode()


def _hasty_door(**options: Any) -> Any:
    from codeflow.http import Door

    return Door(**{**options, "deadline": 1.0})


@pytest.mark.parametrize(
    "misbehave",
    [
        reply("/op/userinfo", 500, b"{}"),
        reply("/op/userinfo", 401, b"{}"),
        reply("/op/userinfo", 302, b"", Location="https://elsewhere.example/"),
        reply("/op/userinfo", 200, b" " * (1024 * 1024 + 1)),
        hang_up("/op/userinfo"),
        dripping("/op/userinfo"),
    ],
    ids=["500", "401", "redirect", "too large", "hung up", "slow"],
)
@pytest.mark.spec("OIDC Core", "5.3", "T51 RP-71: without userinfo the ID token is enough")
def test_sign_in_goes_on_without_userinfo(browser, monkeypatch, misbehave):
    monkeypatch.setattr("codeflow.relying_party.conf.Door", _hasty_door)
    misbehave(browser.op)
    assert browser.sign_in().status_code == 303
    assert "name" not in Identity.objects.get().claims


@pytest.mark.parametrize(
    "behave",
    [
        claims(aud=[CLIENT_ID]),
        claims(azp=CLIENT_ID),
        claims(at_hash=...),
        lambda op: op.claims.update(iat=int(time.time()) + 30, nbf=int(time.time()) + 30),
        claims(sid=...),
        claims(auth_time=...),
        header(kid=...),
        header(typ=...),
        header(jku="https://evil.example/jwks"),
        members(token_type="bearer"),
        members(expires_in=...),
        members(expires_in=-1),
        members(expires_in="3600"),
        members(expires_in="soon"),
        members(expires_in=10**12),
        members(expires_in=True),
        members(scope=...),
        members(refresh_token=...),
        metadata(authorization_response_iss_parameter_supported=None),
        metadata(code_challenge_methods_supported=None),
        metadata(response_types_supported=None),
        metadata(token_endpoint_auth_methods_supported=["client_secret_post"]),
        metadata(token_endpoint_auth_methods_supported=None),
        metadata(id_token_signing_alg_values_supported=["none", "HS256"]),
        lambda op: setattr(
            op, "jwks", {"keys": [{"kty": "quantum"}, {"kty": "RSA", "n": "!"}, "text", op.public_jwk()]}
        ),
        lambda op: op.replies.update({"/op/jwks": lambda: Reply(body=json_reply({"keys": [op.public_jwk()]}).body)}),
    ],
)
def test_good_answer_of_an_unusual_form_signs_in(browser, behave):
    behave(browser.op)
    response = browser.sign_in()
    assert response.status_code == 303, response.content.decode()


@pytest.mark.spec("OIDC Core", "10.1", "RP-58: without kid every fitting key is tried")
def test_no_kid_and_several_keys(browser):
    browser.op.header["kid"] = ...
    browser.op.jwks = {"keys": [jose.public_jwk(OTHER_KEY, alg="RS256", kid="key-2"), browser.op.public_jwk()]}
    assert browser.sign_in().status_code == 303


@pytest.mark.spec("RFC 9207", "2.4", "T12 RP-17: a wrong iss is refused though none was announced")
def test_iss_is_compared_though_not_announced(browser):
    browser.op.metadata["authorization_response_iss_parameter_supported"] = None
    browser.op.callback_parameters["iss"] = "https://evil.example"
    assert_page(browser.sign_in(), "C")
