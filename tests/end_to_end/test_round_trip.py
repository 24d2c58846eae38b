"""The whole flow over real HTTP, as somebody at a browser goes through it."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import RunningDemo


def sign_in(browser: Browser, demo: RunningDemo, who: str = "alice", *, answer: str = "yes") -> None:
    """From "Open my notes" to what the client shows afterwards; consent is asked the first time only."""
    browser.open(f"{demo.client}/notes/")
    if browser.has_form("codeflow-login"):
        assert browser.page.url.startswith(f"{demo.issuer}/login/")
        browser.submit("codeflow-login", username=who, password=who)
    if browser.has_form("codeflow-consent"):
        browser.submit("codeflow-consent", button=("allow", answer))


def test_alice_signs_in_allows_and_sees_her_notes(demo: RunningDemo, browser: Browser) -> None:
    browser.open(f"{demo.client}/")
    assert "Open my notes" in browser.page.text
    sign_in(browser, demo)
    assert browser.page.url == f"{demo.client}/notes/"
    assert browser.page.status_code == 200
    assert "Rabbit hole" in browser.page.text
    assert "Alice Liddell" in browser.page.text


def test_each_person_sees_their_own_notes(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo, "bob")
    assert "Goose" in browser.page.text
    assert "Rabbit hole" not in browser.page.text


def test_staff_of_the_server_can_sign_in_at_the_client_too(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo, "admin")
    assert browser.page.url == f"{demo.client}/notes/"
    assert "No notes yet." in browser.page.text


def test_authorization_request_asks_as_the_standards_say(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo)
    locations = [answer.headers["Location"] for answer in browser.responses if "Location" in answer.headers]
    (asked,) = [location for location in locations if location.startswith(f"{demo.issuer}/authorize/")]
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
    assert query["response_type"] == "code"
    assert query["client_id"] == "notes"
    assert query["redirect_uri"] == f"{demo.client}/auth/callback/demo/"
    assert query["scope"].split() == ["openid", "profile", "email", "offline_access", "notes.read"]
    assert query["code_challenge_method"] == "S256"
    assert len(query["state"]) >= 22
    assert len(query["nonce"]) >= 22


def test_account_shows_name_issuer_and_subject(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo)
    browser.open(f"{demo.client}/account/")
    with demo.database("provider.sqlite3") as database:
        (subject,) = database.execute("select id from auth_user where username = 'alice'").fetchone()
    for shown in ("Alice Liddell", demo.issuer, f'<dd class="mono">{subject}</dd>'):
        assert shown in browser.page.text


def test_denial_shows_a_friendly_page_with_a_way_back(demo: RunningDemo, browser: Browser) -> None:
    person = demo.new_person()
    browser.open(f"{demo.client}/notes/")
    browser.submit("codeflow-login", username=person, password=person)
    browser.submit("codeflow-consent", button=("allow", "no"))
    assert browser.page.url.startswith(f"{demo.client}/auth/")
    assert browser.page.status_code == 200
    assert "cancelled" in browser.page.text
    browser.open(f"{demo.client}/account/")
    assert not browser.page.url.startswith(demo.client)


def test_sign_out_here_only_leaves_the_server_signed_in(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo)
    browser.open(f"{demo.client}/account/")
    browser.submit("sign-out-here")
    assert browser.page.url == f"{demo.client}/auth/signed-out/"
    before = len(browser.responses)
    browser.open(f"{demo.client}/notes/")
    assert browser.page.url == f"{demo.client}/notes/"  # no password, no consent
    assert len(browser.responses) - before > 3


def test_sign_out_at_both_asks_for_the_password_again(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo)
    browser.open(f"{demo.client}/account/")
    browser.submit("sign-out-both", button=("everywhere", "1"))
    assert browser.page.url.startswith(f"{demo.client}/auth/signed-out/")
    browser.open(f"{demo.client}/notes/")
    assert browser.has_form("codeflow-login")


def test_api_wants_a_bearer_token_with_the_right_scope(demo: RunningDemo, browser: Browser) -> None:
    refused = requests.get(f"{demo.provider}/api/notes/", timeout=10)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    sign_in(browser, demo)
    with demo.database("trace.sqlite3") as trace:
        rows = trace.execute("select value from demo_trace_artifact where kind = 'access_token' order by id desc")
        bearer = {"Authorization": f"Bearer {rows.fetchone()[0]}"}
    allowed = requests.get(f"{demo.provider}/api/notes/", headers=bearer, timeout=10)
    assert allowed.status_code == 200
    assert set(allowed.json()["notes"][0]) == {"id", "title", "text", "created"}
    wider = requests.post(f"{demo.provider}/api/notes/", json={"title": "x"}, headers=bearer, timeout=10)
    assert wider.status_code == 403
    assert "insufficient_scope" in wider.headers["WWW-Authenticate"]


def test_wrong_host_name_explains_itself(demo: RunningDemo) -> None:
    for wrong, right in (
        (f"http://localhost:{demo.client_port}/notes/", f"{demo.client}/notes/"),
        (f"http://127.0.0.1:{demo.provider_port}/", f"{demo.provider}/"),
    ):
        page = requests.get(wrong, timeout=10)
        assert page.status_code == 421
        assert f'href="{right}"' in page.text
        assert "ignore the port" in page.text


def test_every_page_has_its_security_headers(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo)
    for page in (f"{demo.client}/", f"{demo.client}/account/", f"{demo.client}/lab/", f"{demo.provider}/"):
        headers = browser.open(page).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
    for answer in browser.responses:
        if "html" in answer.headers.get("Content-Type", ""):
            assert "frame-ancestors" in answer.headers["Content-Security-Policy"], answer.url
            assert not re.search(r"<script(?! src=)|<[^>]+ style=|<style", answer.text), answer.url


def test_theme_is_a_form_and_a_cookie(demo: RunningDemo, browser: Browser) -> None:
    browser.open(f"{demo.client}/")
    browser.submit(action="/theme/", theme="dark")
    assert browser.page.url == f"{demo.client}/"
    assert 'data-theme="dark"' in browser.page.text


def test_no_page_names_another_machine(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo)
    browser.open(f"{demo.client}/")
    for answer in browser.responses:
        for address in re.findall(r'(?:src|href|action)="(https?://[^"]+)"', answer.text):
            assert urlsplit(address).hostname in ("localhost", "127.0.0.1"), address


def test_registered_redirect_uri_follows_the_ports(demo: RunningDemo) -> None:
    with demo.database("provider.sqlite3") as database:
        row = database.execute("select redirect_uris, scope from codeflow_provider_client where client_id = 'notes'")
        assert row.fetchone() == (
            f"{demo.client}/auth/callback/demo/",
            "openid profile email offline_access notes.read",
        )


def test_no_secret_is_in_the_repository(demo: RunningDemo) -> None:
    for name in ("provider.key", "client.key", "notes.secret"):
        path = demo.data_dir / name
        assert path.stat().st_mode & 0o077 == 0
        assert Path(__file__).parents[2] not in path.parents
