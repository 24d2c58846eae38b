"""What a handler works with: a signed-in person, clients, settings and a clock; and how each delivery is judged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from codeflow.provider.models import AccessToken, AuthorizationCode, RefreshToken
from tests.end_to_end.browser import forms_of
from tests.provider.conftest import Clock
from tests.provider.exchange import ISSUER, Browser, Party, answer_in, code_for, tokens_for

DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
"""RFC 6749 4.1.2.1, 5.2."""

REDIRECTS = (302, 303)


@dataclass
class World:
    browser: Browser
    user: Any
    party: Party
    public_party: Party
    settings: Any
    clock: Clock
    count_statements: Any

    def ask(self, party: Party | None = None, **changes: str | None) -> tuple[dict[str, str], Any]:
        """The request as it was sent, and what the browser has in hand afterwards."""
        asked = (party or self.party).request(**changes)
        return asked, self.browser.authorize(asked)

    def ask_raw(self, query: str) -> Any:
        """A query exactly as written."""
        return self.browser.open(f"/o/authorize/?{query}")

    def query(self, **changes: str | None) -> str:
        return urlencode(self.party.request(**changes))

    def code(self, party: Party | None = None, **changes: str | None) -> str:
        return code_for(self.browser, party or self.party, **changes)

    def tokens(self, party: Party | None = None, **changes: str | None) -> dict[str, Any]:
        return tokens_for(self.browser, party or self.party, **changes)


def assert_page(answer: Any, *, error: str = "invalid_request", status: int = 400) -> None:
    """PAGE: a page for the person that goes nowhere, with no code made."""
    assert answer.status_code == status, answer.text[:600]
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")
    assert f'data-error="{error}"' in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert not AuthorizationCode.objects.exists()


def assert_redirect(answer: Any, asked: Mapping[str, str], *error: str) -> dict[str, str]:
    """REDIR: to the registered URI with error, exact state and iss, and with no code made."""
    found = _assert_goes_back(answer, asked)
    assert found.get("error") in error, found
    assert "code" not in found
    assert DESCRIPTION.fullmatch(found.get("error_description", ""))
    assert not AuthorizationCode.objects.exists()
    return found


def assert_code(answer: Any, asked: Mapping[str, str]) -> str:
    """NORMAL, REDIR: to the registered URI with code, exact state and iss."""
    found = _assert_goes_back(answer, asked)
    assert set(found) <= {"code", "state", "iss"}, found
    assert found["code"]
    return found["code"]


def assert_json(answer: Any, *error: str, status: int | tuple[int, ...] = 400) -> dict[str, Any]:
    """JSON: an error of the RFC's form that nobody keeps."""
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), answer.text[:600]
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    body: dict[str, Any] = answer.json()
    assert body["error"] in error, body
    assert set(body) <= {"error", "error_description", "error_uri"}
    assert DESCRIPTION.fullmatch(body.get("error_description", ""))
    if answer.status_code == 401 and body["error"] == "invalid_client":
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    return body


def assert_no_tokens() -> None:
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.exists()


def assert_tokens(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text[:600]
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"]
    tokens: dict[str, Any] = answer.json()
    assert tokens["token_type"] == "Bearer"
    assert isinstance(tokens["expires_in"], int)
    return tokens


def assert_sign_in(answer: Any) -> None:
    assert answer.status_code == 200
    assert any(form.id == "codeflow-login" for form in forms_of(answer)), answer.text[:600]


def assert_consent(answer: Any) -> None:
    assert answer.status_code == 200
    assert any(form.id == "codeflow-consent" for form in forms_of(answer)), answer.text[:600]


def assert_invalid_token(answer: Any) -> None:
    assert answer.status_code == 401, answer.text[:600]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def _assert_goes_back(answer: Any, asked: Mapping[str, str]) -> dict[str, str]:
    assert answer.status_code in REDIRECTS, answer.text[:600]
    location = answer.headers["Location"]
    separator = "&" if "?" in asked["redirect_uri"] else "?"
    assert location.startswith(asked["redirect_uri"] + separator), location
    assert "#" not in location
    assert "no-store" in answer.headers["Cache-Control"]
    found = answer_in(
        location.removeprefix(asked["redirect_uri"]).replace("&", "?", 1) if separator == "&" else location
    )
    assert found.get("state") == asked.get("state")
    assert found["iss"] == ISSUER
    return found
