"""Both roles in this process, talking to each other over a live server; what passes between them is kept to look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import caches
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from codeflow import http
from codeflow.http import Exchange
from codeflow.provider import clients
from codeflow.relying_party.flow import documents
from tests.end_to_end.browser import Browser
from tests.provider.conftest import _empty_process, _key_pool, live_server
from tests.provider.factories import PASSWORD, UserFactory

__all__ = ["_empty_process", "_key_pool", "live_server"]

SCOPE = "openid profile email offline_access notes.read"


@dataclass
class Site:
    """The live server under its two names, its client, and the back channel's exchanges."""

    provider: str
    relying_party: str
    client: Any
    client_secret: str
    person: Any
    exchanges: list[Exchange] = field(default_factory=list)

    def back_channel(self, path: str) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.url.partition("?")[0].endswith(path)]


@pytest.fixture
def site(live_server: LiveServer, transactional_db: None) -> Iterator[Site]:
    port = live_server.url.rpartition(":")[2]
    provider, relying_party = f"http://localhost:{port}", f"http://127.0.0.1:{port}"
    client, secret = clients.register_client(
        name="Notes",
        client_id="shop",
        redirect_uris=[f"{relying_party}/auth/callback/acme/"],
        post_logout_redirect_uris=[f"{relying_party}/auth/signed-out/"],
        scope=SCOPE,
    )
    person = UserFactory(username="alice", email="")  # both roles share one table: a known address would be refused
    found = Site(provider=provider, relying_party=relying_party, client=client, client_secret=secret, person=person)
    with override_settings(**_settings(found)):
        http.exchange_observers.append(found.exchanges.append)
        documents.forget()
        caches["default"].clear()
        yield found
        http.exchange_observers.remove(found.exchanges.append)


def _settings(site: Site) -> dict[str, Any]:
    from django.conf import settings

    acme = {
        "issuer": f"{site.provider}/o",
        "client_id": "shop",
        "client_secret": site.client_secret,
        "scope": SCOPE,
        "apis": {"notes": f"{site.provider}/api/"},
    }
    return {
        "DEBUG": True,  # plain http on loopback hosts
        "ROOT_URLCONF": "tests.end_to_end.in_process.urls",
        "LOGIN_REDIRECT_URL": "/",
        "OAUTH2_PROVIDER": {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": f"{site.provider}/o"},
        "CODEFLOW_RELYING_PARTY": {"CACHE": "shared", "PROVIDERS": {"acme": acme}},
    }


@pytest.fixture
def browser() -> Iterator[Browser]:
    found = Browser()
    yield found
    found.close()


def sign_in(browser: Browser, site: Site, *, allow: bool = True) -> Any:
    """From the page that needs a sign-in, through both roles, back to it."""
    browser.open(f"{site.relying_party}/notes/")
    if browser.has_form("codeflow-login"):
        browser.submit("codeflow-login", username=site.person.get_username(), password=PASSWORD)
    if browser.has_form("codeflow-consent"):
        browser.submit("codeflow-consent", button=("allow", "yes" if allow else "no"))
    return browser.page
