"""Which access tokens an API takes, whatever it is built with."""

import time

import pytest
from django.contrib.auth import get_user_model

from codeflow.relying_party.bearer import introspection
from codeflow.relying_party.bearer.scheme import BearerScheme
from codeflow.relying_party.errors import ConfigurationError
from codeflow.testing import Reply, signed_in
from codeflow.testing.issuing import id_token
from codeflow.testing.keys import KID, other_key, part, sign
from codeflow.testing.state import Grant
from codeflow.testing.ways import LEFT_OUT
from tests.relying_party.bearer.conftest import API

NOW = int(time.time())

BAD_CLAIMS = [
    {"iss": "https://evil.example"},
    {"iss": LEFT_OUT},
    {"aud": "https://shop.example/other"},
    {"aud": LEFT_OUT},
    {"aud": 7},
    {"aud": [API + "/"]},
    {"exp": NOW - 3600},
    {"exp": LEFT_OUT},
    {"exp": "soon"},
    {"nbf": NOW + 3600},
    {"iat": LEFT_OUT},
    {"client_id": LEFT_OUT},
    {"client_id": 7},
    {"jti": LEFT_OUT},
    {"sub": LEFT_OUT},
    {"sub": ""},
    {"scope": ["orders"]},
]


@pytest.mark.spec("RFC 9068", "4", "a good token is taken")
def test_good_token(op, call):
    token = op.access_token("alice", audience=[API, "https://shop.example/other"], scope="openid orders")
    response = call("/plain", token)
    assert response.json() == {"sub": "alice-1", "client_id": "another-client", "user": "AnonymousUser"}
    assert call("/async", token).json()["sub"] == "alice-1"


@pytest.mark.parametrize("claims", BAD_CLAIMS)
@pytest.mark.spec("RFC 9068", "4", "a token with a wrong claim is refused")
def test_bad_claims(op, call, claims):
    response = call("/plain", op.access_token("alice", audience=API, **{"scope": "orders", **claims}))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def good_claims(op):
    from codeflow.core import jose

    return jose.parse(op.access_token("alice", audience=API, scope="orders"))[1]


def test_wrong_makes(op, call):
    claims = good_claims(op)
    grant = Grant(person=op.state.people["alice"], scope="orders", client_id=API, sid="s")
    makes = {
        "no type": sign(claims, {"kid": KID}),
        "an ID token's type": sign(claims, {"kid": KID, "typ": "JWT"}),
        "an ID token": id_token(op.state, grant, "token"),
        "another key": sign(claims, {"kid": KID, "typ": "at+jwt"}, other_key()),
        "unknown kid": sign(claims, {"kid": "nobody", "typ": "at+jwt"}),
        "unsigned": f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(claims)}.",
        "critical header": sign(claims, {"kid": KID, "typ": "at+jwt", "crit": ["exp"]}),
        "no JWT": "abc",
        "opaque": op.access_token("alice", audience=API, opaque=True),
    }
    assert {name for name, token in makes.items() if call("/plain", token).status_code != 401} == set()
    assert call("/plain", sign(claims, {"kid": KID, "typ": "application/AT+JWT"})).status_code == 200


@pytest.mark.spec("RFC 6750", "3.1", "a token without the scope is refused with 403")
def test_missing_scope(op, call):
    response = call("/plain", op.access_token("alice", audience=API, scope="openid"))
    assert response.status_code == 403
    assert response.headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_scope", error_description="The access token does not cover this resource.", '
        'scope="orders", resource_metadata="https://shop.example/.well-known/oauth-protected-resource/api"'
    )


@pytest.mark.spec("RFC 6750", "3.1", "without a token the challenge names no error")
def test_no_token(op, call):
    for headers in ({}, {"Authorization": "Basic YTpi"}):
        response = call("/plain", **headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith('Bearer scope="orders", resource_metadata="')
    assert call("/unpublished").headers["WWW-Authenticate"] == "Bearer"
    assert not op.requests


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer å", f"Bearer {'a' * 20000}"]
)
@pytest.mark.spec("RFC 6750", "3.1", "a malformed header is a bad request")
def test_malformed_header(op, call, header):
    assert call("/plain", Authorization=header).status_code == 400


@pytest.mark.spec("RFC 6750", "5.3", "a token in the address is refused")
def test_token_in_the_query(op, call):
    response = call(f"/plain?access_token={op.access_token('alice', audience=API, scope='orders')}")
    assert response.status_code == 400
    assert "scope=" not in response.headers["WWW-Authenticate"]


def test_cookie_and_csrf_mean_nothing(op, call, client):
    signed_in(client, op, "alice")
    assert call("/plain").status_code == 401
    token = op.access_token("alice", audience=API, scope="orders")
    assert call("/plain", token, method="post").json()["user"] == str(get_user_model().objects.get())


def test_switched_off_user(op, call, client):
    signed_in(client, op, "alice")
    get_user_model().objects.update(is_active=False)
    assert call("/plain", op.access_token("alice", audience=API, scope="orders")).status_code == 401


def test_keys_come_from_the_cache(op, call):
    for _ in range(3):
        call("/plain", op.access_token("alice", audience=API, scope="orders"))
    assert [request.path for request in op.requests] == ["/.well-known/openid-configuration", "/jwks"]


@pytest.mark.parametrize("misbehaviour", ["metadata_down", "keys_down", "metadata_issuer_wrong"])
def test_provider_that_cannot_be_asked(op, call, misbehaviour):
    token = op.access_token("alice", audience=API, scope="orders")
    op.misbehave(misbehaviour)
    response = call("/plain", token)
    assert response.status_code == 503
    assert response.headers["Retry-After"]


@pytest.mark.spec("RFC 7662", "2.2", "introspection: active, for this audience, asked once")
def test_introspection(op, call):
    token = op.access_token("alice", audience=API, scope="orders", opaque=True)
    for _ in range(3):
        assert call("/asking", token).json()["sub"] == "alice-1"
    assert len(op.requests_to("/introspect")) == 1
    op.revoke_access_token(token)
    assert call("/asking", token).status_code == 401
    assert call("/asking", token).status_code == 401
    assert len(op.requests_to("/introspect")) == 2


def test_introspection_of_a_token_for_another_api(op, call):
    other = op.access_token("alice", audience="https://shop.example/other", opaque=True)
    assert call("/asking", other).status_code == 401


@pytest.mark.parametrize(
    "answer",
    [
        {"active": 1},
        {"active": "true"},
        {},
        {"active": True},
        {"active": True, "aud": API, "iss": "https://evil.example"},
        {"active": True, "aud": API, "exp": NOW - 10},
        {"active": True, "aud": API, "sub": 7},
        {"active": True, "aud": API, "scope": 7},
    ],
)
def test_introspection_answers_that_prove_nothing(op, call, answer):
    op.ways.replies["introspect"] = lambda request: Reply.json(answer)
    assert call("/asking", "token").status_code == 401


def test_introspection_answer_with_the_least(op, call):
    op.ways.replies["introspect"] = lambda request: Reply.json({"active": True, "aud": [API]})
    assert call("/asking", "token").json() == {"sub": "", "client_id": "", "user": "AnonymousUser"}


@pytest.mark.parametrize(
    "reply", [Reply.json({}, 500), Reply.html("<p>Hello</p>"), Reply.json({}, 401)], ids=["500", "HTML", "401"]
)
def test_introspection_that_fails(op, call, reply):
    op.ways.replies["introspect"] = lambda request: reply
    assert call("/asking", "token").status_code == 503


def test_introspection_endpoint_out_of_reach(op, call):
    from codeflow.testing.misbehaviours.definition import down

    down("introspect")(op.state)
    assert call("/asking", "token").status_code == 503


@pytest.mark.parametrize("endpoint", [LEFT_OUT, "http://login.acme.example/introspect"])
def test_introspection_endpoint_that_must_not_be_asked(op, client, endpoint):
    op.ways.metadata["introspection_endpoint"] = endpoint
    with pytest.raises(ConfigurationError, match="introspection"):
        client.get("/asking", headers={"Authorization": "Bearer token"})


def test_memory_of_introspection_is_bounded(op, call, monkeypatch):
    monkeypatch.setattr(introspection, "MOST", 2)
    for number in range(4):
        call("/asking", f"token-{number}")
    assert len(introspection._kept) == 2


def test_metadata_that_nobody_publishes_is_not_named():
    assert BearerScheme(provider="acme", audience=f"{API}/nowhere").challenge() == "Bearer"


def test_audience_is_never_left_out():
    with pytest.raises(ConfigurationError):
        BearerScheme(provider="acme", audience="")


def test_published_metadata(client, op):
    response = client.get("/.well-known/oauth-protected-resource/api")
    assert response.json() == {
        "resource": API,
        "authorization_servers": ["https://login.acme.example"],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["orders"],
        "resource_name": "Orders",
        "resource_documentation": "https://shop.example/d",
    }
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert client.post("/.well-known/oauth-protected-resource/api").status_code == 405
