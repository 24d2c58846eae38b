"""A provider on a loopback socket that does everything right, until a test tells one part of it to misbehave.

It speaks real HTTP. `behave` maps the name of an answer to a function that changes it; `log` keeps the requests that came.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from codeflow.core import jose

CLIENT_ID, CLIENT_SECRET = "shop", "s3cret:with/special+characters"
SUB = "248289761001"

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Reply:
    """An answer as it will stand on the wire."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    body: bytes = b""
    drip: float = 0.0
    """Seconds between two bytes."""


@dataclass
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]
    body: bytes = b""


def json_reply(value: Any, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(value).encode())


class MisbehavingProvider:
    """`with MisbehavingProvider() as provider:`; everything a test may change is a plain attribute."""

    def __init__(self) -> None:
        self.key, self.kid, self.alg = KEY, "key-1", "RS256"
        self.sub = SUB
        self.metadata: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {
            "sub": SUB,
            "name": "Alice Example",
            "given_name": "Alice",
            "email": "a@x.example",
        }
        self.token_members: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.callback_parameters: dict[str, Any] = {}
        self.scope_granted: str | None = None
        self.expires_in: Any = 3600
        self.jwks: dict[str, Any] | None = None
        self.replies: dict[str, Callable[[], Reply]] = {}
        """Path → the whole answer, in place of the good one."""
        self.make_id_token: Callable[[dict[str, Any]], str] = self.sign
        self.client_jwk: dict[str, Any] | None = None
        """The client's registered key; with one, a signed assertion is its only proof."""
        self.log: list[Seen] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.refresh_tokens: dict[str, dict[str, str]] = {}
        self.access_tokens: set[str] = set()
        self.count = 0
        self._lock = threading.Lock()

    def __enter__(self) -> "MisbehavingProvider":
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                outer.serve(self)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *args: None  # type: ignore[method-assign]  # clients hang up on purpose
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.issuer = f"{self.origin}/op"
        return self

    def __exit__(self, *args: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    # What a browser would do

    def authorize(self, location: str) -> str:
        """The query of the callback for the authorization request at `location`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code-{self.next()}"
        self.codes[code] = asked | {"auth_time": str(int(time.time()))}
        answer = {"code": code, "state": asked["state"], "iss": self.issuer, **self.callback_parameters}
        pairs = [
            (name, item) for name, value in answer.items() for item in (value if isinstance(value, list) else [value])
        ]

        return urlencode([(name, value) for name, value in pairs if value is not None])

    # What the server answers

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        path = urlsplit(handler.path).path
        form: dict[str, str] = {}
        if handler.headers.get("Content-Type") == "application/x-www-form-urlencoded":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        seen = Seen(method=handler.command, path=handler.path, headers=dict(handler.headers), form=form, body=body)
        with self._lock:
            self.log.append(seen)
        write(handler, self.replies[path]() if path in self.replies else self.good_reply(path, seen))

    def good_reply(self, path: str, seen: Seen) -> Reply:
        if path == "/op/.well-known/openid-configuration":
            return json_reply(self.document())
        if path == "/op/jwks":
            return json_reply(self.jwks if self.jwks is not None else {"keys": [self.public_jwk()]})
        if path == "/op/token":
            return self.token(seen)
        if path == "/op/userinfo":
            return json_reply(self.userinfo)
        if path == "/op/revoke":
            self.refresh_tokens.pop(seen.form.get("token", ""), None)
            return json_reply({})
        if path.startswith("/api/"):
            return self.api(seen)
        return json_reply({"error": "not_found"}, 404)

    def document(self) -> dict[str, Any]:
        good = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "revocation_endpoint": f"{self.issuer}/revoke",
            "end_session_endpoint": f"{self.issuer}/logout",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in {**good, **self.metadata}.items() if value is not None}

    def public_jwk(self) -> dict[str, Any]:
        return jose.public_jwk(self.key, alg=self.alg, kid=self.kid)

    def token(self, seen: Seen) -> Reply:
        if not (assertion_holds(seen, self) if self.client_jwk else authenticated(seen)):
            return json_reply({"error": "invalid_client"}, 401)
        if seen.form.get("grant_type") == "refresh_token":
            return self.refreshed(seen)
        asked = self.codes.pop(seen.form.get("code", ""), None)
        if asked is None or not verifier_holds(seen.form.get("code_verifier", ""), asked["code_challenge"]):
            return json_reply({"error": "invalid_grant"}, 400)
        return json_reply(self.tokens(asked))

    def refreshed(self, seen: Seen) -> Reply:
        with self._lock:
            asked = self.refresh_tokens.pop(seen.form.get("refresh_token", ""), None)
        if asked is None:
            return json_reply({"error": "invalid_grant"}, 400)
        return json_reply(self.tokens(asked))

    def tokens(self, asked: dict[str, str]) -> dict[str, Any]:
        number = self.next()
        access_token, refresh_token = f"access-{number}", f"refresh-{number}"
        self.access_tokens.add(access_token)
        self.refresh_tokens[refresh_token] = asked
        members = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "refresh_token": refresh_token,
            "scope": self.scope_granted if self.scope_granted is not None else asked["scope"],
            "id_token": self.make_id_token(self.id_token_claims(asked, access_token)),
            **self.token_members,
        }
        return {name: value for name, value in members.items() if value is not ...}

    def id_token_claims(self, asked: dict[str, str], access_token: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.sub,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "auth_time": int(asked["auth_time"]),
            "nonce": asked["nonce"],
            "sid": "session-1",
            "at_hash": jose.left_half_hash(access_token, "RS256"),
            **self.claims,
        }
        return {name: value for name, value in claims.items() if value is not ...}

    def sign(self, claims: dict[str, Any]) -> str:
        headers = {name: value for name, value in {"kid": self.kid, **self.header}.items() if value is not ...}
        return jwt.encode(claims, self.key, algorithm=self.alg, headers=headers)

    def api(self, seen: Seen) -> Reply:
        token = seen.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.access_tokens:
            reply = json_reply({"error": "invalid_token"}, 401)
            reply.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            return reply
        return json_reply({"path": seen.path, "method": seen.method, "body": seen.body.decode()})

    def next(self) -> int:
        with self._lock:
            self.count += 1
            return self.count

    def requests_to(self, path: str) -> list[Seen]:
        return [seen for seen in self.log if urlsplit(seen.path).path == path]


def write(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(reply.body)))
    handler.end_headers()
    if not reply.drip:
        handler.wfile.write(reply.body)
        return
    for position in range(len(reply.body)):
        handler.wfile.write(reply.body[position : position + 1])
        handler.wfile.flush()
        time.sleep(reply.drip)


def authenticated(seen: Seen) -> bool:
    kind, _, value = seen.headers.get("Authorization", "").partition(" ")
    if kind == "Basic":
        client_id, _, secret = base64.b64decode(value).decode().partition(":")
        return (unquote_plus(client_id), unquote_plus(secret)) == (CLIENT_ID, CLIENT_SECRET)
    return (seen.form.get("client_id"), seen.form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)


def assertion_holds(seen: Seen, provider: MisbehavingProvider) -> bool:
    jwk = provider.client_jwk or {}
    verified = jose.verify(seen.form.get("client_assertion", ""), [jwk], algorithms=[jwk["alg"]])
    return (verified.claims["sub"], verified.claims["aud"]) == (seen.form["client_id"], provider.issuer)


def verifier_holds(code_verifier: str, code_challenge: str) -> bool:
    digest = hashlib.sha256(code_verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code_challenge
