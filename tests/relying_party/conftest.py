"""A site with one provider, `acme`, which is a MisbehavingProvider on loopback."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import caches
from django.test import Client

from codeflow.relying_party.flow import documents
from codeflow.signals import RELYING_PARTY, FlowEvent, flow_event
from tests.relying_party.misbehaving_provider import CLIENT_ID, CLIENT_SECRET, MisbehavingProvider


@pytest.fixture
def op() -> Iterator[MisbehavingProvider]:
    with MisbehavingProvider() as provider:
        yield provider


@pytest.fixture(autouse=True)
def _plain_memory(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "rp"}}
    caches["default"].clear()
    documents.forget()


@pytest.fixture
def site(settings: Any, op: MisbehavingProvider, db: None) -> Any:
    """Settings of the site; a test changes `site.ACME` for provider settings."""
    settings.DEBUG = True
    settings.ROOT_URLCONF = "tests.relying_party.urls"
    settings.LOGIN_REDIRECT_URL = "/"
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "codeflow.relying_party.middleware.RelyingPartyMiddleware",
    ]
    settings.AUTHENTICATION_BACKENDS = [
        "codeflow.relying_party.backends.OpenIDConnectBackend",
        "django.contrib.auth.backends.ModelBackend",
    ]
    acme = {
        "issuer": op.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "scope": "openid profile email offline_access",
        "apis": {"orders": f"{op.origin}/api/"},
    }
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"acme": acme}}
    settings.ACME = acme
    return settings


@dataclass
class Browser:
    """A person's browser at the site; `op` answers its authorization requests."""

    client: Client
    op: MisbehavingProvider

    def start(self, next_url: str = "/account/", provider: str = "acme", **query: str) -> str:
        """Begins a sign-in; the address at the provider."""
        response = self.client.get(f"/auth/login/{provider}/", {"next": next_url, **query})
        assert response.status_code == 302, response.content
        return response.headers["Location"]

    def come_back(self, query: str, provider: str = "acme") -> Any:
        return self.client.get(f"/auth/callback/{provider}/?{query}")

    def sign_in(self, next_url: str = "/account/") -> Any:
        """The whole trip; the answer to the callback."""
        return self.come_back(self.op.authorize(self.start(next_url)))

    @property
    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.client.session


@pytest.fixture
def browser(site: Any, op: MisbehavingProvider) -> Browser:
    return Browser(Client(), op)


@pytest.fixture
def events() -> Iterator[list[FlowEvent]]:
    """What the relying party announces; the provider of the same project notes its sign-ins too."""
    seen: list[FlowEvent] = []

    def listen(event: FlowEvent, **kwargs: Any) -> None:
        seen.append(event)

    flow_event.connect(listen, sender=RELYING_PARTY, weak=False)
    yield seen
    flow_event.disconnect(listen, sender=RELYING_PARTY)


@pytest.fixture
def forget_documents() -> Callable[[], None]:
    """Metadata and keys must be fetched anew."""

    def forget() -> None:
        documents.forget()
        caches["default"].clear()

    return forget


def path_of(url: str) -> str:
    return urlsplit(url).path
