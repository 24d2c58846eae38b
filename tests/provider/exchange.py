"""A browser and a client for the tests: what a person and a relying party do, in process or over real HTTP."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote_plus, urlencode, urljoin, urlsplit

import requests
from django.test import Client as DjangoClient

from codeflow.provider.models import Client
from tests.end_to_end.browser import Form, forms_of
from tests.provider.factories import CHALLENGE, PASSWORD, REDIRECT_URI, SCOPE, SECRET, VERIFIER

ISSUER = "https://testserver/o"
ORIGIN = "https://testserver"
FORM = "application/x-www-form-urlencoded"


class Transport(Protocol):
    """Sends one request; never follows a redirect. Answers have `status_code`, `headers`, `content`, `text`, `json()`."""

    origin: str

    def send(self, method: str, target: str, *, body: str | bytes = b"", headers: Mapping[str, str]) -> Any: ...


class InProcess:
    """Django's test client with its cookies; CSRF is checked, and the target goes on the wire as it is written."""

    origin = ORIGIN

    def __init__(self) -> None:
        self.client = DjangoClient(enforce_csrf_checks=True)

    def send(self, method: str, target: str, *, body: str | bytes = b"", headers: Mapping[str, str]) -> Any:
        path, _, query = target.removeprefix(ORIGIN).partition("?")
        sent = {name: value for name, value in headers.items() if name != "Content-Type"}
        return self.client.generic(
            method,
            path,
            body,
            headers.get("Content-Type", ""),
            secure=True,
            headers=sent,
            QUERY_STRING=query.encode().decode("latin-1"),
        )


class OverHttp:
    """Real HTTP to a live server."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.session = requests.Session()
        self.session.trust_env = False

    def send(self, method: str, target: str, *, body: str | bytes = b"", headers: Mapping[str, str]) -> Any:
        url = urljoin(self.origin, target)
        return self.session.request(
            method, url, data=body or None, headers=dict(headers), allow_redirects=False, timeout=30
        )

    def close(self) -> None:
        self.session.close()


@dataclass
class Browser:
    """A person's browser: follows redirects within the provider's origin, stops where it would leave it."""

    transport: Transport = field(default_factory=InProcess)
    page: Any = None
    address: str = ""

    def open(self, target: str, **headers: str) -> Any:
        return self._go("GET", target, b"", headers)

    def authorize(self, parameters: Mapping[str, str], **headers: str) -> Any:
        return self.open("/o/authorize/?" + urlencode(parameters), **headers)

    def post(self, target: str, fields: Mapping[str, str], **headers: str) -> Any:
        """A form's POST as browsers send it, with the Origin of the page."""
        return self._go(
            "POST", target, urlencode(fields), {"Content-Type": FORM, "Origin": self.transport.origin, **headers}
        )

    def submit(self, form_id: str, *, button: str = "", **fields: str) -> Any:
        """Sends a form of the page; `button` is the value of the one that is clicked."""
        form = self.form(form_id)
        clicked = {name: value for name, value in form.buttons if button and value == button}
        target = urljoin(self.address, form.action) if form.action else self.address
        return self.post(target, {**form.fields, **clicked, **fields})

    def form(self, form_id: str) -> Form:
        found = {form.id: form for form in forms_of(self.page)}
        assert form_id in found, f"no form {form_id} at {self.address}: {self.page.status_code} {self.page.text[:1500]}"
        return found[form_id]

    def has_form(self, form_id: str) -> bool:
        return any(form.id == form_id for form in forms_of(self.page))

    def log_in(self, user: Any, password: str = PASSWORD) -> Any:
        return self.submit("codeflow-login", username=user.get_username(), password=password)

    def allow(self) -> Any:
        return self.submit("codeflow-consent", button="yes")

    def deny(self) -> Any:
        return self.submit("codeflow-consent", button="no")

    def sign_in(self, user: Any) -> None:
        """Through the sign-in page, for its own sake."""
        self.open("/o/login/")
        self.log_in(user)

    def force_sign_in(self, user: Any) -> None:
        """The session that a sign-in leaves, without the page."""
        assert isinstance(self.transport, InProcess)
        self.transport.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    @property
    def location(self) -> str:
        return str(self.page.headers.get("Location", ""))

    def _go(self, method: str, target: str, body: str | bytes, headers: Mapping[str, str]) -> Any:
        for _ in range(20):
            self.address = target
            self.page = self.transport.send(method, target, body=body, headers=headers)
            location = self.page.headers.get("Location", "")
            if not location or not self._is_local(location):
                return self.page
            method, target, body, headers = "GET", urljoin(target, location), b"", {}
        raise AssertionError("more than 20 redirects")

    def _is_local(self, location: str) -> bool:
        parts = urlsplit(location)
        return not (parts.scheme or parts.netloc) or f"{parts.scheme}://{parts.netloc}" == self.transport.origin


@dataclass
class Party:
    """A registered client: asks for authorization, and speaks to the provider from its own server."""

    row: Client
    secret: str = SECRET
    transport: Transport = field(default_factory=InProcess)
    redirect_uri: str = REDIRECT_URI

    def request(self, **changes: str | None) -> dict[str, str]:
        """A good authorization request with fresh state and nonce; None leaves a parameter out."""
        good = {
            "response_type": "code",
            "client_id": self.row.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return _changed(good, changes)

    def redemption(self, code: str, **changes: str | None) -> dict[str, str]:
        good = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        return _changed(good, changes)

    def redeem(self, code: str, **changes: str | None) -> Any:
        return self.post("/o/token/", self.redemption(code, **changes))

    def refresh(self, refresh_token: str, **changes: str | None) -> Any:
        good = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post("/o/token/", _changed(good, changes))

    def revoke(self, token: str, **more: str) -> Any:
        return self.post("/o/revoke/", {"token": token, **more})

    def introspect(self, token: str, **more: str) -> Any:
        return self.post("/o/introspect/", {"token": token, **more})

    def userinfo(self, access_token: str) -> Any:
        return self.transport.send("GET", "/o/userinfo/", headers={"Authorization": f"Bearer {access_token}"})

    def post(self, target: str, fields: Mapping[str, str], **headers: str) -> Any:
        """As this client: HTTP Basic where it has a secret, client_id in the form where it has none."""
        if self.secret:
            headers = {"Authorization": basic(self.row.client_id, self.secret), **headers}
            return self.post_as_is(target, urlencode(fields), **headers)
        return self.post_as_is(target, urlencode({"client_id": self.row.client_id, **fields}), **headers)

    def post_as_is(self, target: str, body: str | bytes, **headers: str) -> Any:
        """The body alone, or with the headers given; underscores in their names stand for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.transport.send("POST", target, body=body, headers={"Content-Type": FORM, **sent})


def basic(client_id: str, secret: str) -> str:
    """RFC 6749 2.3.1: both parts form-encoded first."""
    return "Basic " + base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def answer_in(location: str) -> dict[str, str]:
    """The parameters that a redirect carries."""
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


def code_for(browser: Browser, party: Party, **changes: str | None) -> str:
    """A code from the whole front channel; the browser is signed in. Consents where asked."""
    browser.authorize(party.request(**changes))
    if browser.has_form("codeflow-consent"):
        browser.allow()
    code = answer_in(browser.location).get("code", "")
    assert code, f"no code: {browser.page.status_code} {browser.location} {browser.page.text[:1500]}"
    return code


def tokens_for(browser: Browser, party: Party, **changes: str | None) -> dict[str, Any]:
    """The token response of a whole round."""
    answer = party.redeem(code_for(browser, party, **changes))
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def _changed(good: dict[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**good, **changes}.items() if value is not None}
