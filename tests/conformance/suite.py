"""The suite: sends the browser to the provider, hears the answer, calls token endpoint and userinfo, ends sessions.

It knows the provider by its discovery document alone, and each of its clients by what was registered for it.
"""

import base64
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import requests

from demo_site.conformance.configuration import Configuration, StaticClient
from tests.conformance.modules import Module
from tests.conformance.user_agent import CONSENT, LOGIN, LOGOUT, UserAgent
from tests.conformance.wire import TIMEOUT, Heard, Listener

FORMPOST_PLAN = "oidcc-formpost-basic-certification-test-plan"
FORM = "application/x-www-form-urlencoded"

_ALPHABET = string.ascii_letters + string.digits


def new_value(length: int = 10) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one authorization request ended."""

    request: Mapping[str, str]
    shown: list[str]
    """The pages on the way, by the ids of their forms and messages."""
    heard: Heard | None
    """What reached the suite; None where the browser stayed at the provider."""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        assert self.heard is not None
        return self.heard.form or self.heard.query

    @property
    def parameters(self) -> dict[str, str]:
        return dict(self.pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A token response that was checked, with what was asked."""

    client: StaticClient
    answer: Answer
    members: dict[str, Any] = field(repr=False)
    id_token: dict[str, Any]

    @property
    def access_token(self) -> str:
        return str(self.members["access_token"])


@dataclass(kw_only=True)
class Suite:
    module: Module
    configuration: Configuration
    listener: Listener
    session: requests.Session
    """The suite's own, for calls from server to server."""
    agent: UserAgent
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return self.configuration.issuer

    @property
    def redirect_uri(self) -> str:
        return self.configuration.redirect_uris[0]

    @property
    def form_post(self) -> bool:
        return self.module.plan == FORMPOST_PLAN

    def discover(self) -> requests.Response:
        answer = self.get(f"{self.issuer}/.well-known/openid-configuration")
        self.metadata = answer.json()
        return answer

    def jwks(self) -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = self.get(self.metadata["jwks_uri"]).json()["keys"]
        return keys

    # -- front channel -----------------------------------------------------------------------------------------

    def request(self, role: str = "client", **changes: str | None) -> dict[str, str]:
        """An authentication request; None leaves a parameter out."""
        good: dict[str, str | None] = {
            "client_id": self.configuration.client(role).client_id,
            "scope": "openid",
            "redirect_uri": self.redirect_uri,
            "state": new_value(),
            "nonce": new_value(),
            "response_type": "code",
            "response_mode": "form_post" if self.form_post else None,
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def authorize(self, role: str = "client", **changes: str | None) -> Answer:
        return self.send(self.request(role, **changes))

    def send(self, request: Mapping[str, str], *, by_post: bool = False) -> Answer:
        """Sends the browser with this request, and does what the person does: sign in and allow where asked."""
        heard, shown = len(self.listener.heard), len(self.agent.shown)
        endpoint = self.metadata["authorization_endpoint"]
        if by_post:
            self.agent.post_from(self.listener.origin, endpoint, dict(request))
        else:
            self.agent.open(f"{endpoint}?{urlencode(request)}")
        if self.agent.has(LOGIN):
            self.sign_in()
        if self.agent.has(CONSENT):
            self.agent.submit(CONSENT, button=("allow", "yes"))
        arrived = self.listener.heard[heard:]
        assert len(arrived) <= 1
        return Answer(request=request, shown=self.agent.shown[shown:], heard=arrived[0] if arrived else None)

    def sign_in(self) -> None:
        self.agent.submit(LOGIN, username=self.configuration.username, password=self.configuration.password)

    def end_session(self, **parameters: str) -> Answer:
        """Sends the browser to the end-session endpoint; confirms where asked."""
        heard, shown = len(self.listener.heard), len(self.agent.shown)
        query = f"?{urlencode(parameters)}" if parameters else ""
        self.agent.open(self.metadata["end_session_endpoint"] + query)
        if self.agent.has(LOGOUT):
            self.agent.submit(LOGOUT)
        arrived = [request for request in self.listener.heard[heard:] if self._is_post_logout(request)]
        return Answer(request=parameters, shown=self.agent.shown[shown:], heard=arrived[0] if arrived else None)

    def _is_post_logout(self, heard: Heard) -> bool:
        return heard.path == urlsplit(self.configuration.post_logout_redirect_uri).path

    # -- back channel ------------------------------------------------------------------------------------------

    def get(self, url: str, **headers: str) -> requests.Response:
        return self.session.get(url, headers=headers, allow_redirects=False, timeout=TIMEOUT)

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> requests.Response:
        return self.session.post(url, data=dict(form), headers=headers, allow_redirects=False, timeout=TIMEOUT)

    def redeem(self, answer: Answer, role: str = "client", **more: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": answer.parameters["code"],
            "redirect_uri": answer.request["redirect_uri"],
            **more,
        }
        return self.call_token_endpoint(form, role)

    def call_token_endpoint(self, form: Mapping[str, str], role: str = "client") -> requests.Response:
        """With the client's way of authenticating."""
        client = self.configuration.client(role)
        if client.token_endpoint_auth_method == "client_secret_post":
            form = {**form, "client_id": client.client_id, "client_secret": client.client_secret}
            return self.post(self.metadata["token_endpoint"], form)
        return self.post(self.metadata["token_endpoint"], form, Authorization=basic(client))

    def userinfo(self, access_token: str) -> requests.Response:
        return self.get(self.metadata["userinfo_endpoint"], Authorization=f"Bearer {access_token}")


def basic(client: StaticClient) -> str:
    """RFC 6749 2.3.1: both parts form-encoded first."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
