"""A provider in this process, whichever it is: a client, a signed-in person, and the requests of both."""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client as Browser

from tests.end_to_end.browser import forms_of

REDIRECT_URI = "https://rp.example/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
FORM = "application/x-www-form-urlencoded"
TOOLKIT = not apps.is_installed("codeflow.provider")

PATHS = {"introspect": "/o/introspect/", "revoke": "/o/revoke_token/" if TOOLKIT else "/o/revoke/"}


class Broke(Exception):
    """The server raised: a 500 to whoever asked."""


@dataclass
class Site:
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    def __post_init__(self) -> None:
        users = get_user_model().objects
        self.user = users.create_user(
            f"person-{secrets.token_hex(4)}", email="person@example.org", password="a good one"
        )
        self.browser.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        self.client, self.secret = self.register()

    def register(self, *, public: bool = False, redirect_uri: str = REDIRECT_URI) -> tuple[Any, str]:
        if not TOOLKIT:
            from codeflow.provider.clients import register_client

            return register_client(
                name="Shop", redirect_uris=[redirect_uri], public=public, scope="openid profile email offline_access"
            )
        from oauth2_provider.models import get_application_model

        model, secret = get_application_model(), secrets.token_urlsafe(32)
        kind = model.CLIENT_PUBLIC if public else model.CLIENT_CONFIDENTIAL
        row = model.objects.create(
            name="Shop", client_type=kind, authorization_grant_type="authorization-code", redirect_uris=redirect_uri,
            client_secret="" if public else secret, algorithm="RS256",
        )  # fmt: skip
        return row, "" if public else secret

    def request(self, **changes: str | None) -> dict[str, str]:
        good = {
            "response_type": "code", "client_id": self.client.client_id, "redirect_uri": REDIRECT_URI, "scope": "openid profile",
            "state": secrets.token_urlsafe(8), "nonce": secrets.token_urlsafe(8), "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        }  # fmt: skip
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def authorize(
        self, query: str | None = None, *, widened: dict[str, str] | None = None, **changes: str | None
    ) -> Any:
        """The request, and the yes of the person where they are asked; `widened` is what a browser changes in the form."""
        path = f"/o/authorize/?{query if query is not None else urlencode(self.request(**changes))}"
        answer = self._checked(self.browser.get(path, secure=True))
        for form in forms_of(answer) if answer.status_code == 200 else ():
            names = dict(form.fields)
            if "allow" in names or any(name == "allow" for name, _ in form.buttons):
                target = form.action or path
                yes = next(
                    (value for name, value in form.buttons if name == "allow" and value not in ("no", "")), "Authorize"
                )
                fields = {**names, "allow": yes, **(widened or {})}
                return self._checked(self.browser.post(target, urlencode(fields), FORM, secure=True))
        return answer

    def code(self, **changes: Any) -> str:
        return str(answer_in(self.authorize(**changes)).get("code", ""))

    def redeem(self, code: str, **changes: str | None) -> Any:
        good = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
        }
        return self.post("/o/token/", {name: value for name, value in {**good, **changes}.items() if value is not None})

    def tokens(self) -> dict[str, Any]:
        answer = self.redeem(self.code())
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def refresh(self, token: str) -> Any:
        return self.post("/o/token/", {"grant_type": "refresh_token", "refresh_token": token})

    def post(self, path: str, fields: dict[str, str] | str, *, secret: str | None = None, client_id: str = "") -> Any:
        body = fields if isinstance(fields, str) else urlencode(fields)
        pair = (
            f"{quote_plus(client_id or self.client.client_id)}:{quote_plus(self.secret if secret is None else secret)}"
        )
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        return self._checked(
            Browser(raise_request_exception=False).post(path, body, FORM, headers=headers, secure=True)
        )

    def userinfo(self, token: str) -> Any:
        return self._checked(
            Browser(raise_request_exception=False).get(
                "/o/userinfo/", headers={"Authorization": f"Bearer {token}"}, secure=True
            )
        )

    def _checked(self, answer: Any) -> Any:
        if answer.status_code >= 500:
            raise Broke
        return answer


def answer_in(answer: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(answer.headers.get("Location", "")).query, keep_blank_values=True))
