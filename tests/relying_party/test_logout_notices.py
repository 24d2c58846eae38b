"""The provider says that somebody signed out: logout tokens from its server, and frames on its page."""

import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError
from django.test import AsyncClient, Client

from codeflow.relying_party import sessions
from codeflow.relying_party.flow.logout_token import EVENT
from codeflow.relying_party.models import RPSession, TokenGrant, UsedLogoutToken
from tests.relying_party.conftest import Browser
from tests.relying_party.misbehaving_provider import CLIENT_ID, OTHER_KEY, Reply

pytestmark = pytest.mark.mariadb

ENGINES = [
    "django.contrib.sessions.backends.db",
    "django.contrib.sessions.backends.cache",
    "django.contrib.sessions.backends.cached_db",
    "django.contrib.sessions.backends.signed_cookies",
]
NOW = int(time.time())


@pytest.fixture
def signed_in(browser: Any) -> Any:
    browser.sign_in()
    return browser


def logout_claims(op: Any, **changes: Any) -> dict[str, Any]:
    claims = {
        "iss": op.issuer,
        "aud": CLIENT_ID,
        "iat": int(time.time()),
        "exp": int(time.time()) + 120,
        "jti": f"jti-{op.next()}",
        "events": {EVENT: {}},
        "sid": "session-1",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not ...}


def signed(op: Any, claims: dict[str, Any], **header: Any) -> str:
    headers = {"kid": op.kid, "typ": "logout+jwt", **header}
    return jwt.encode(claims, op.key, algorithm="RS256", headers=headers)


def post(op: Any, token: str | None = None, **changes: Any) -> Any:
    """From a server that has neither cookies nor a CSRF token."""
    client = Client(enforce_csrf_checks=True)
    form = urlencode({"logout_token": token or signed(op, logout_claims(op, **changes))})
    return client.post("/auth/backchannel/acme/", form, content_type="application/x-www-form-urlencoded")


def is_let_in(browser: Any) -> bool:
    return bool(browser.client.get("/").json()["user"])


@pytest.mark.spec("Back-Channel Logout", "2.7", "T62 RP-95: the session with (iss, sid) ends, at its next request")
def test_session_of_the_sid_ends(signed_in, events):
    response = post(signed_in.op)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    assert not is_let_in(signed_in)
    assert not signed_in.is_signed_in
    assert not RPSession.objects.exists()
    assert not TokenGrant.objects.exists()
    received = next(event for event in events if event.name == "logout_received")
    details = {name: received.details[name] for name in ("provider", "kind", "sid", "sub", "ended")}
    assert details == {"provider": "acme", "kind": "backchannel", "sid": "session-1", "sub": "", "ended": 1}


@pytest.mark.parametrize("engine", ENGINES)
def test_session_ends_on_every_engine(site, op, engine):
    site.SESSION_ENGINE = engine
    browser = Browser(Client(), op)
    browser.sign_in()
    assert is_let_in(browser)
    assert post(op).status_code == 200
    assert browser.client.get("/orders/", headers={"Accept": "application/json"}).status_code == 401
    assert not is_let_in(browser)


def test_session_whose_key_changed_since_ends_too(signed_in):
    session = signed_in.client.session
    session.cycle_key()  # what Django does when a password changes
    signed_in.client.cookies["sessionid"] = session.session_key
    assert is_let_in(signed_in)
    post(signed_in.op)
    assert not is_let_in(signed_in)


def test_async_request_sees_the_end_too(signed_in):
    client = AsyncClient()
    client.cookies = signed_in.client.cookies
    assert async_to_sync(client.get)("/who-async/").json()["user"]
    post(signed_in.op)
    assert async_to_sync(client.get)("/who-async/").json()["user"] == ""


@pytest.mark.spec("Back-Channel Logout", "2.7", "T63: sub alone ends all of that person's sessions at that issuer")
def test_sub_alone_ends_every_session_of_the_person(signed_in, op, site):
    other = Browser(Client(), op)
    op.claims["sid"] = "session-2"
    other.sign_in()
    stranger = Browser(Client(), op)
    op.sub = op.userinfo["sub"] = "somebody-else"
    op.userinfo["email"] = "b@x.example"
    stranger.sign_in()
    assert post(op, sid=..., sub=signed_in.client.get("/account/").json()["sub"]).status_code == 200
    assert [is_let_in(browser) for browser in (signed_in, other, stranger)] == [False, False, True]


def test_sid_ends_its_own_session_alone(signed_in, op):
    other = Browser(Client(), op)
    op.claims["sid"] = "session-2"
    other.sign_in()
    post(op, sid="session-2", sub=op.sub)
    assert [is_let_in(browser) for browser in (signed_in, other)] == [True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"sid": "unknown"},
        {"sid": "SESSION-1"},
        {"sid": "session-1 "},
        {"sid": ..., "sub": "unknown"},
        {"sub": "unknown"},
    ],
)
@pytest.mark.spec("Back-Channel Logout", "2.8", "T63: nothing to end is a success")
def test_unknown_session_is_200_and_nothing_happens(signed_in, changes):
    assert post(signed_in.op, **changes).status_code == 200
    assert is_let_in(signed_in)


@pytest.mark.parametrize("typ", ["logout+jwt", "application/logout+jwt", "JWT", None])
def test_accepted_types(signed_in, typ):
    op = signed_in.op
    assert post(op, signed(op, logout_claims(op), typ=typ)).status_code == 200
    assert not is_let_in(signed_in)


def alg_none(op: Any) -> str:
    return jwt.encode(logout_claims(op), None, algorithm="none", headers={"typ": "logout+jwt"})


def hs256(op: Any) -> str:
    return jwt.encode(logout_claims(op), "k" * 32, algorithm="HS256", headers={"kid": op.kid})


def foreign_key(op: Any) -> str:
    return jwt.encode(logout_claims(op), OTHER_KEY, algorithm="RS256", headers={"kid": op.kid})


def id_token(op: Any) -> str:
    asked = {"auth_time": str(NOW), "nonce": "n", "scope": "openid"}
    return op.sign(op.id_token_claims(asked, "access-1"))


REFUSED = [
    ("RP-88 alg none", alg_none, "alg"),
    ("RP-89 wrong alg", hs256, "alg"),
    ("T62 wrong signature", foreign_key, "signature"),
    ("T62 unknown kid", lambda op: signed(op, logout_claims(op), kid="key-9"), "signature"),
    ("T62 type of an access token", lambda op: signed(op, logout_claims(op), typ="at+jwt"), "signature"),
    ("T62 no JWT", lambda op: "abc", "form"),
    ("RP-90 wrong iss", {"iss": "https://evil.example"}, "iss"),
    ("T62 no iss", {"iss": ...}, "iss"),
    ("RP-90 wrong aud", {"aud": "other"}, "aud"),
    ("T62 second audience", {"aud": [CLIENT_ID, "other"]}, "audiences"),
    ("T62 no iat", {"iat": ...}, "iat"),
    ("RP-94 stale", {"iat": NOW - 1200}, "iat"),
    ("T62 from the future", {"iat": NOW + 86400}, "iat"),
    ("RP-94 expired", {"exp": NOW - 120}, "exp"),
    ("T62 no exp", {"exp": ...}, "exp"),
    ("T62 nbf in the future", {"nbf": NOW + 86400}, "nbf"),
    ("T62 no jti", {"jti": ...}, "jti"),
    ("T62 empty jti", {"jti": ""}, "jti"),
    ("T62 long jti", {"jti": "j" * 1025}, "jti"),
    ("RP-91 no events", {"events": ...}, "events"),
    ("RP-91 another event", {"events": {"http://schemas.openid.net/event/other": {}}}, "events"),
    ("T62 event is no object", {"events": {EVENT: True}}, "events"),
    ("T62 events is a list", {"events": [EVENT]}, "events"),
    ("RP-92 nonce", {"nonce": "n"}, "nonce"),
    ("RP-93 neither sub nor sid", {"sid": ...}, "subject"),
    ("T62 sid is a number", {"sid": 1}, "subject"),
    ("T62 sub is a list", {"sub": ["a"]}, "subject"),
]


@pytest.mark.parametrize(("token", "rule"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
@pytest.mark.spec("Back-Channel Logout", "2.6", "a logout token that breaks a rule ends nothing")
def test_bad_logout_token_ends_nothing(signed_in, events, token, rule):
    op = signed_in.op
    response = post(op, **token) if isinstance(token, dict) else post(op, token(op))
    assert (response.status_code, response.headers["Cache-Control"]) == (400, "no-store")
    assert response.json()["error"] == "invalid_request"
    refused = next(event for event in events if event.name == "logout_refused")
    assert refused.reason == f"logout_token.{rule}"
    assert is_let_in(signed_in)
    assert not UsedLogoutToken.objects.exists()


def test_id_token_of_the_same_session_is_no_logout_token(signed_in):
    assert "logout_token.events" in post(signed_in.op, id_token(signed_in.op)).json()["error_description"]
    assert is_let_in(signed_in)


@pytest.mark.spec("Back-Channel Logout", "2.6", "RP-94: each logout token is used once, whatever a cache forgot")
def test_replayed_logout_token_is_refused(signed_in, forget_documents):
    token = signed(signed_in.op, logout_claims(signed_in.op))
    assert post(signed_in.op, token).status_code == 200
    signed_in.sign_in()
    forget_documents()
    response = post(signed_in.op, token)
    assert (response.status_code, "replayed" in response.json()["error_description"]) == (400, True)
    assert is_let_in(signed_in)


def test_failure_while_ending_does_not_spend_the_token(signed_in, monkeypatch):
    token = signed(signed_in.op, logout_claims(signed_in.op))
    with monkeypatch.context() as patch:
        patch.setattr("codeflow.relying_party.logouts.forget_sessions", _fail)
        with pytest.raises(IntegrityError):
            post(signed_in.op, token)
    assert not UsedLogoutToken.objects.exists()
    assert post(signed_in.op, token).status_code == 200


def _fail(rows: object) -> None:
    raise IntegrityError


@pytest.mark.spec("OIDC Core", "10.1.1", "a logout token signed with a new key has it fetched, once")
def test_rotated_key_is_fetched_once(signed_in):
    op = signed_in.op
    op.key, op.kid = OTHER_KEY, "key-2"
    assert post(op).status_code == 200
    for _ in range(3):
        assert post(op, signed(op, logout_claims(op), kid="key-3")).status_code == 400
    assert len(op.requests_to("/op/jwks")) == 2


def test_unreachable_keys_ask_the_provider_to_try_again(signed_in, forget_documents):
    forget_documents()
    signed_in.op.replies["/op/jwks"] = lambda: Reply(status=500)
    response = post(signed_in.op)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.json()["error"] == "temporarily_unavailable"


@pytest.mark.spec("Back-Channel Logout", "2.5", "RP-96: a form, by POST, once, and small")
def test_form_alone_is_taken(signed_in):
    op, client = signed_in.op, Client(enforce_csrf_checks=True)
    token = signed(op, logout_claims(op))
    address, form = "/auth/backchannel/acme/", "application/x-www-form-urlencoded"
    assert client.get(address, {"logout_token": token}).status_code == 405
    bodies = [
        ('{"logout_token": "x"}', "application/json"),
        ("", form),
        (f"logout_token={token}&logout_token={token}", form),
        (f"logout_token={token}&filler={'x' * 64 * 1024}", form),
    ]
    for body, content_type in bodies:
        response = client.post(address, body, content_type=content_type)
        assert (response.status_code, response.headers["Cache-Control"]) == (400, "no-store")
    assert client.post("/auth/backchannel/nobody/", {}).status_code == 404
    assert is_let_in(signed_in)


def test_body_of_unstated_length_is_capped_too(signed_in, rf):
    from codeflow.relying_party.errors import ProviderUntrusted
    from codeflow.relying_party.logouts import receive_logout_token

    request = rf.post("/", {"filler": "x" * 65 * 1024})
    request.META["CONTENT_LENGTH"] = ""
    request._body = b"x" * 65 * 1024
    with pytest.raises(ProviderUntrusted, match="64 KB"):
        receive_logout_token(request, "acme")


def test_session_ends_with_age(signed_in, site):
    site.CODEFLOW_RELYING_PARTY["SESSION_SECONDS"] = 3600
    assert is_let_in(signed_in)
    RPSession.objects.update(created=sessions.oldest_start())
    assert not is_let_in(signed_in)


def frame(browser: Any, **query: str) -> Any:
    return browser.client.get("/auth/frontchannel/acme/", query)


@pytest.mark.spec("Front-Channel Logout", "2", "T64: iss and sid of this browser's session end it; its tokens stay")
def test_frame_with_the_right_session_ends_it(signed_in, events):
    response = frame(signed_in, iss=signed_in.op.issuer, sid="session-1")
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"].endswith(f"frame-ancestors {signed_in.op.origin}")
    assert "X-Frame-Options" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert not is_let_in(signed_in)
    assert TokenGrant.objects.exists()
    assert not signed_in.op.requests_to("/op/revoke")
    assert next(event for event in events if event.name == "logout_received").details["kind"] == "frontchannel"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"iss": "right"},
        {"sid": "session-1"},
        {"iss": "https://evil.example", "sid": "session-1"},
        {"iss": "right", "sid": "session-2"},
        {"iss": "right", "sid": "sessiön-1"},
    ],
)
@pytest.mark.spec("Front-Channel Logout", "2", "T64 RP-97: another iss or sid does nothing")
def test_frame_with_anything_else_does_nothing(signed_in, query):
    if query.get("iss") == "right":
        query = {**query, "iss": signed_in.op.issuer}
    assert frame(signed_in, **query).content == frame(signed_in, **query).content
    assert is_let_in(signed_in)


def test_frame_of_another_provider_or_without_sid_does_nothing(browser, site, op):
    site.CODEFLOW_RELYING_PARTY["PROVIDERS"]["other"] = {**site.ACME}
    op.claims["sid"] = ...
    browser.sign_in()
    frame(browser, iss=op.issuer, sid="")
    op.claims["sid"] = "session-1"
    browser.sign_in()
    browser.client.get("/auth/frontchannel/other/", {"iss": op.issuer, "sid": "session-1"})
    assert is_let_in(browser)
