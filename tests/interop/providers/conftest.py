"""The site under test, which knows the third party by its issuer alone, and what its back channel hears."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core.cache import caches

from codeflow.relying_party.flow import documents
from tests.interop.providers.processes import CLIENT
from tests.interop.providers.visitor import Visitor


class Ear:
    """Hears what a provider's server posts; the test carries it on to the site's view."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.event = threading.Event()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                ear.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
                ear.event.set()
                self.send_response(200)
                self.end_headers()

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/backchannel"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


@pytest.fixture(scope="session")
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    person = Visitor()
    yield person
    person.close()


@pytest.fixture
def site(settings: Any, third_party: Any, db: None) -> Any:
    documents.forget()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "third"}}
    caches["default"].clear()
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = "tests.interop.providers.urls"
    settings.LOGIN_REDIRECT_URL = "/"
    settings.AUTHENTICATION_BACKENDS = ["codeflow.relying_party.backends.OpenIDConnectBackend"]
    third = {"issuer": third_party.issuer, "scope": "openid profile email", **CLIENT}
    settings.CODEFLOW_RELYING_PARTY = {"PUBLIC_URL": "http://127.0.0.1:8099", "PROVIDERS": {"third": third}}
    settings.THIRD = third
    yield settings
    documents.forget()
