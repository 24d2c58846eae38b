"""The client of the benchmark: an authorization code flow over plain sockets, a new connection for each request.

gunicorn's sync workers close after each answer anyway; a socket costs the driver, which shares the machine, least.
"""

import base64
import hashlib
import json
import re
import secrets
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.peers import Peer

CLIENT_ID, REDIRECT_URI = "benchmark", "https://client.example/callback"
SCOPE = "openid profile email offline_access"
_VERIFIER = secrets.token_urlsafe(32)
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
_LOCATION = re.compile(rb"^location: *(\S+)", re.IGNORECASE | re.MULTILINE)
_FORM = "application/x-www-form-urlencoded"
_TIMEOUT = 30


class UnexpectedAnswer(Exception):
    """A peer did not answer as the flow needs it: its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Person:
    """A browser that is signed in at one peer, and the client that it comes from."""

    peer: Peer
    address: tuple[str, int]
    session_key: str = field(repr=False)
    secret: str = field(repr=False)

    def authorize(self) -> str:
        """A code."""
        query = urlencode(
            {
                "response_type": "code",
                "client_id": CLIENT_ID,
                "redirect_uri": REDIRECT_URI,
                "scope": SCOPE,
                "state": secrets.token_urlsafe(16),
                "nonce": secrets.token_urlsafe(16),
                "code_challenge": _CHALLENGE,
                "code_challenge_method": "S256",
            }
        )
        head, _body = self._send(
            "GET", f"{self.peer.paths['authorize']}?{query}", f"Cookie: sessionid={self.session_key}"
        )
        location = _LOCATION.search(head)
        codes = parse_qs(urlsplit(location[1].decode()).query).get("code") if location else None
        if not codes:
            raise UnexpectedAnswer(f"{self.peer.name}: authorize gave no code: {head[:600]!r}")
        return codes[0]

    def token(self, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": _VERIFIER,
        }
        return self._post("token", form, expected="id_token")

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._post("token", form, expected="refresh_token")

    def introspect(self, access_token: str) -> dict[str, Any]:
        answer = self._post("introspect", {"token": access_token}, expected="active")
        if answer["active"] is not True:
            raise UnexpectedAnswer(f"{self.peer.name}: introspect says {answer}")
        return answer

    def userinfo(self, access_token: str) -> dict[str, Any]:
        head, body = self._send("GET", self.peer.paths["userinfo"], f"Authorization: Bearer {access_token}")
        return self._members("userinfo", head, body, "sub")

    def whole_flow(self) -> None:
        """authorize, token, userinfo."""
        self.userinfo(self.token(self.authorize())["access_token"])

    def _post(self, endpoint: str, form: dict[str, str], *, expected: str) -> dict[str, Any]:
        basic = base64.b64encode(f"{CLIENT_ID}:{self.secret}".encode()).decode()
        body = urlencode(form).encode()
        headers = f"Authorization: Basic {basic}\r\nContent-Type: {_FORM}\r\nContent-Length: {len(body)}"
        head, answer = self._send("POST", self.peer.paths[endpoint], headers, body)
        return self._members(endpoint, head, answer, expected)

    def _members(self, endpoint: str, head: bytes, body: bytes, expected: str) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(body) if head.startswith(b"HTTP/1.1 200") else {}
        if expected not in members:
            raise UnexpectedAnswer(f"{self.peer.name}: {endpoint}: {head[:300]!r} {body[:300]!r}")
        return members

    def _send(self, method: str, target: str, headers: str, body: bytes = b"") -> tuple[bytes, bytes]:
        request = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n\r\n"
        with socket.create_connection(self.address, _TIMEOUT) as connection:
            connection.sendall(request.encode() + body)
            answer = bytearray()
            while received := connection.recv(65_536):
                answer += received
        head, _, rest = bytes(answer).partition(b"\r\n\r\n")
        return head, rest
