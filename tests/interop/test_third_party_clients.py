"""Other people's OAuth clients, unchanged, against the running demo: code + PKCE, userinfo, refresh, revocation."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import RunningDemo, browser, demo

__all__ = ["browser", "demo"]

REASON = "needs tests/interop/requirements.txt"
CALLBACK = "http://127.0.0.1:9/callback"
SCOPE = "openid profile email offline_access"


@pytest.fixture
def client(demo: RunningDemo) -> dict[str, Any]:
    """A client registered from a second terminal."""
    registered: dict[str, Any] = demo.manage_json(
        "codeflow_client", "add", "--name", "Third party", "--redirect-uri", CALLBACK, "--json"
    )
    return registered


@pytest.fixture
def insecure_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their switches for http on a loopback host."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")


def allow(browser: Browser, url: str) -> str:
    """Bob signs in and allows; gives back the callback URL, where nobody listens."""
    import requests

    try:
        browser.open(url)
        if browser.has_form("codeflow-login"):
            browser.submit("codeflow-login", username="bob", password="bob")
        browser.submit("codeflow-consent", button=("allow", "yes"))
    except requests.ConnectionError:
        return browser.responses[-1].headers["Location"]
    raise AssertionError(f"stayed on {browser.page.url}:\n{browser.page.text[:1000]}")


def check_userinfo(answer: Any) -> None:
    assert answer.status_code == 200
    assert answer.json()["preferred_username"] == "bob"
    assert answer.json()["email"] == "bob@example.com"


@pytest.mark.usefixtures("insecure_transport")
def test_authlib(demo: RunningDemo, browser: Browser, client: dict[str, Any]) -> None:
    authlib = pytest.importorskip("authlib.integrations.requests_client", reason=REASON)
    verifier = secrets.token_urlsafe(48)
    with authlib.OAuth2Session(
        client["client_id"],
        client["client_secret"],
        scope=SCOPE,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint=f"{demo.issuer}/token/",
    ) as session:
        url, state = session.create_authorization_url(f"{demo.issuer}/authorize/", code_verifier=verifier)
        back = allow(browser, url)
        token = session.fetch_token(
            f"{demo.issuer}/token/", authorization_response=back, state=state, code_verifier=verifier
        )
        assert {"access_token", "refresh_token", "id_token"} <= token.keys()
        check_userinfo(session.get(f"{demo.issuer}/userinfo/"))
        renewed = session.refresh_token(f"{demo.issuer}/token/")
        assert renewed["access_token"] != token["access_token"]
        check_userinfo(session.get(f"{demo.issuer}/userinfo/"))
        revoked = session.revoke_token(f"{demo.issuer}/revoke/", renewed["access_token"], "access_token")
        assert revoked.status_code == 200
        assert session.get(f"{demo.issuer}/userinfo/").status_code == 401


@pytest.mark.usefixtures("insecure_transport")
def test_requests_oauthlib(demo: RunningDemo, browser: Browser, client: dict[str, Any]) -> None:
    oauthlib = pytest.importorskip("requests_oauthlib", reason=REASON)
    endpoint = f"{demo.issuer}/token/"
    with oauthlib.OAuth2Session(
        client["client_id"], redirect_uri=CALLBACK, scope=SCOPE.split(), pkce="S256"
    ) as session:
        url, _ = session.authorization_url(f"{demo.issuer}/authorize/")
        back = allow(browser, url)
        assert parse_qs(urlsplit(back).query)["iss"] == [demo.issuer]
        token = session.fetch_token(endpoint, authorization_response=back, client_secret=client["client_secret"])
        assert {"access_token", "refresh_token", "id_token"} <= token.keys()
        check_userinfo(session.get(f"{demo.issuer}/userinfo/"))
        mine = (client["client_id"], client["client_secret"])
        renewed = session.refresh_token(endpoint, auth=mine)
        assert renewed["access_token"] != token["access_token"]
        body = {"token": renewed["refresh_token"], "token_type_hint": "refresh_token"}
        assert session.post(f"{demo.issuer}/revoke/", data=body, auth=mine, withhold_token=True).status_code == 200
        assert session.get(f"{demo.issuer}/userinfo/").status_code == 401


def test_another_clients_run_is_seen_by_the_server_alone(
    demo: RunningDemo, browser: Browser, client: dict[str, Any]
) -> None:
    """The lab shows it too, with one witness: the demo's server."""
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    query = f"response_type=code&client_id={client['client_id']}&redirect_uri={CALLBACK}&scope=openid"
    allow(
        browser,
        f"{demo.issuer}/authorize/?{query}&state=s123456789&code_challenge={challenge}&code_challenge_method=S256",
    )
    with demo.database("trace.sqlite3") as trace:
        rows = trace.execute("select scenario from demo_trace_run where client_name = ?", [client["client_id"]])
        assert rows.fetchall() == [("another client",)]
