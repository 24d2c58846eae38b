"""Processes that talk to each other over HTTP: one provider, and other people's clients as applications of their own.

The provider is on localhost, every client on 127.0.0.1: cookies ignore ports, so the host names must differ.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import free_ports
from tests.plugins.databases import DATABASE_VARIABLE, sqlite_database

ROOT = Path(__file__).resolve().parents[2]

REASON = "not installed: pip install -r tests/interop/requirements.txt"

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""RFC 7636 appendix B."""

SECONDS_TO_START = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    username: str
    sub: str

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"

    @property
    def password(self) -> str:
        return f"password of {self.username}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a client gets when it is registered, and the address it registered."""

    client_id: str
    client_secret: str
    redirect_uri: str
    token_endpoint_auth_method: str


class Process:
    """One of the processes; `output` is what it wrote, for when it fails."""

    def __init__(self, command: list[str], *, port: int, log: Path, cwd: Path = ROOT, **environment: str) -> None:
        self.port = port
        self.log = log
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CODEFLOW_", "DJANGO_"))}
        with log.open("w") as output:
            self.process = subprocess.Popen(
                command, cwd=cwd, env={**kept, **environment}, stdout=output, stderr=subprocess.STDOUT
            )

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until_ready(self) -> None:
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until and self.process.poll() is None:
            try:
                requests.get(f"http://127.0.0.1:{self.port}/", timeout=SECONDS_TO_START)
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise AssertionError(f"does not answer on port {self.port}:\n{self.output}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


class Provider(Process):
    def __init__(self, folder: Path) -> None:
        [port] = free_ports(1)
        self.origin = f"http://localhost:{port}"
        self.issuer = f"{self.origin}/o"
        super().__init__(**_django_project("provider", port, folder), ISSUER=self.issuer)
        self._numbers = count(1)

    def register(self, *, redirect_uri: str, **fields: Any) -> Registration:
        """`fields` as those of codeflow.provider.clients.register_client."""
        answer = self._ask("clients", {"name": "Third party", "redirect_uris": [redirect_uri], **fields})
        method = "none" if fields.get("public") else fields.get("token_endpoint_auth_method", "client_secret_basic")
        return Registration(redirect_uri=redirect_uri, token_endpoint_auth_method=method, **answer)

    def new_person(self) -> Person:
        """Somebody who has no session and has given no consent yet."""
        username = f"person{next(self._numbers)}"
        person = Person(username=username, sub="")
        answer = self._ask("people", {"username": username, "password": person.password, "email": person.email})
        return Person(username=username, **answer)

    def _ask(self, what: str, fields: dict[str, Any]) -> dict[str, str]:
        response = requests.post(f"{self.origin}/tests/{what}/", json=fields, timeout=20)
        assert response.ok, response.text[:2000]
        answer: dict[str, str] = response.json()
        return answer

    def authorization_url(self, client: Registration, **more: str) -> str:
        """A request of our own in the name of `client`; its code is redeemed with VERIFIER."""
        request = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": client.redirect_uri,
            "scope": "openid",
            "state": "is anybody there",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **more,
        }
        return f"{self.issuer}/authorize/?{urlencode(request)}"

    def session_lives(self, browser: Browser, client: Registration) -> bool:
        """Whether this browser is signed in, asked as any client may: with prompt=none."""
        url = self.authorization_url(client, prompt="none")
        response = browser.session.get(url, allow_redirects=False, timeout=20)
        answer = parse_qs(urlsplit(response.headers["Location"]).query)
        # A public client on http is told consent_required: nothing proves that it is the one that was allowed (RFC 8252 8.6).
        assert answer.get("error") in (None, ["login_required"], ["consent_required"])
        return answer.get("error") != ["login_required"]

    def refresh(self, client: Registration, refresh_token: str) -> dict[str, Any]:
        """For clients that keep a refresh token and leave its use to their site."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        mine = {"client_id": client.client_id, "client_secret": client.client_secret}
        by_header = client.token_endpoint_auth_method == "client_secret_basic"
        response = requests.post(
            f"{self.issuer}/token/",
            data=form if by_header else {**form, **mine},
            auth=(client.client_id, client.client_secret) if by_header else None,
            timeout=20,
        )
        assert response.ok, response.text
        answer: dict[str, Any] = response.json()
        return answer


class Peer(Process):
    """A client: an application on 127.0.0.1 with its registration at the provider."""

    def __init__(self, registration: Registration, *, port: int, **how: Any) -> None:
        self.registration = registration
        self.origin = f"http://127.0.0.1:{port}"
        super().__init__(port=port, **how)


StartPeer = Callable[..., Peer]


def django_peer(
    provider: Provider, project: str, folder: Path, *, callback: str, fields: dict[str, Any], **settings: Any
) -> Peer:
    """Registers and starts tests/interop/projects/`project`; `settings` reach its settings.py as JSON."""
    [port] = free_ports(1)
    origin = f"http://127.0.0.1:{port}"
    registration = provider.register(
        redirect_uri=origin + callback, post_logout_redirect_uris=[f"{origin}/signed-out/"], **fields
    )
    peer = {
        "issuer": provider.issuer,
        "client_id": registration.client_id,
        "client_secret": registration.client_secret,
        **settings,
    }
    environment = {"PEER": json.dumps(peer), "AUTHLIB_INSECURE_TRANSPORT": "1"}
    return Peer(registration, **_django_project(project, port, folder), **environment)


def started(process: Process) -> Iterator[Any]:
    """For a fixture: `yield from started(…)`."""
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.stop()
        sys.stdout.write(process.output)  # which pytest shows where a test failed


def allow(browser: Browser, person: Person) -> None:
    """Signs in and allows, as often as the provider asks for either."""
    if browser.has_form("codeflow-login"):
        browser.submit("codeflow-login", username=person.username, password=person.password)
    if browser.has_form("codeflow-consent"):
        browser.submit("codeflow-consent", button=("allow", "yes"))


def _django_project(project: str, port: int, folder: Path) -> dict[str, Any]:
    return {
        "command": [sys.executable, "-m", "tests.interop.projects.serve", str(port)],
        "port": port,
        "log": folder / f"{project}.log",
        "DJANGO_SETTINGS_MODULE": f"tests.interop.projects.{project}.settings",
        DATABASE_VARIABLE: json.dumps(sqlite_database(folder / f"{project}.sqlite3")),
    }


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    yield from started(Provider(tmp_path_factory.mktemp("provider")))
