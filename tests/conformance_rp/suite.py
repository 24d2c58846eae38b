"""What the suite does as a provider, and what it looks at afterwards: mostly whether userinfo was called."""

import base64
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from codeflow.testing import FakeProvider, NotSignedIn, Request, signed_in
from tests.conformance_rp.modules import FORM_POST_PLAN, Module

ISSUER = "https://suite.example/test/a/codeflow/"
"""With the slash at its end that the suite's own issuers have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    op: FakeProvider
    client: Client
    module: Module

    def sign_in(self) -> None:
        """The good end: the client asked in the way of the plan, redeemed the code, and called userinfo with its token."""
        signed_in(self.client, self.op, "user")
        assert self.is_signed_in
        self.check_requests()

    def check_requests(self) -> None:
        """What the suite's conditions say about a client that goes all the way."""
        paths = [request.path for request in self.op.requests]
        assert paths[0] == "/test/a/codeflow/.well-known/openid-configuration"
        asked = self.authorization_request()
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        assert asked["redirect_uri"] == "http://testserver/auth/callback/suite/"
        assert asked.get("response_mode", "query") == ("form_post" if self.is_form_post else "query")
        token_request = self.op.requests_to("/token")[0]
        assert self.basic_credentials(token_request) == ("client id/with+more", "secret:with special&characters")
        assert "client_secret" not in token_request.form
        userinfo = self.op.requests_to("/userinfo")[-1]
        assert userinfo.bearer in self.op.state.access_tokens
        assert "access_token" not in userinfo.query

    def must_stop(self, code: str) -> None:
        """The client sees what is wrong, calls no userinfo and signs nobody in."""
        self._refused(code)
        assert not self.op.requests_to("/userinfo")

    def must_refuse_userinfo(self, code: str) -> None:
        self._refused(code)
        assert len(self.op.requests_to("/userinfo")) == 1

    def _refused(self, code: str) -> None:
        with pytest.raises(NotSignedIn, match=re.escape(code)):
            signed_in(self.client, self.op, "user")
        assert not self.is_signed_in

    def authorization_request(self) -> dict[str, str]:
        """A further attempt's, whose answer nobody brings back."""
        location = Client().get("/auth/login/suite/").headers["Location"]
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    @property
    def is_form_post(self) -> bool:
        return self.module.plan == FORM_POST_PLAN

    @property
    def is_signed_in(self) -> bool:
        """As the site's own views see it."""
        told: dict[str, Any] = self.client.get("/").json()
        return SESSION_KEY in self.client.session and bool(told["signed_in"])

    def basic_credentials(self, request: Request) -> tuple[str, str]:
        """RFC 6749 2.3.1."""
        kind, _, value = request.headers["authorization"].partition(" ")
        assert kind == "Basic"
        client_id, _, secret = base64.b64decode(value).decode().partition(":")
        return unquote_plus(client_id), unquote_plus(secret)

    def post_logout_token(self, token: str) -> Any:
        """As a server does: no cookies, no CSRF token."""
        body = urlencode({"logout_token": token})
        client = Client(enforce_csrf_checks=True)
        return client.post("/auth/backchannel/suite/", body, content_type="application/x-www-form-urlencoded")

    def leave(self) -> dict[str, str]:
        """RP-initiated logout: the parameters at the end_session_endpoint."""
        location = self.client.post("/auth/logout/", {"everywhere": "1"}).headers["Location"]
        assert location.startswith(f"{ISSUER}logout?")
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
