"""The provider behind TLS, the suite that asks it, and the check that no module of the plans is forgotten."""

import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from codeflow import http
from codeflow.core import jose
from codeflow.provider import clients, keys
from demo_site.conformance import registration
from demo_site.conformance.configuration import (
    BACKCHANNEL,
    FRONTCHANNEL,
    NO_LOGOUT,
    ROLES,
    Configuration,
    StaticClient,
    new_secret,
)
from tests.conformance import modules
from tests.conformance.modules import Module
from tests.conformance.suite import Suite
from tests.conformance.user_agent import UserAgent
from tests.conformance.wire import LOOPBACK, PROVIDER_HOST, Authority, Listener, TlsProxy, new_session

ISSUERS = {
    f"https://{PROVIDER_HOST}/o": "tests.conformance.project.urls_with_path",
    f"https://{PROVIDER_HOST}": "tests.conformance.project.urls_without_path",
}
LOGOUT_OF_PLAN = {
    "oidcc-backchannel-rp-initiated-logout-certification-test-plan": BACKCHANNEL,
    "oidcc-frontchannel-rp-initiated-logout-certification-test-plan": FRONTCHANNEL,
}


def pytest_collection_modifyitems() -> None:
    found = list(modules.problems())
    if found:
        raise pytest.UsageError("\n".join(found))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module's test runs once for each plan that has the module, and for each kind of issuer."""
    if "module" not in metafunc.fixturenames:
        return
    found = modules.to_run(metafunc.function.__name__)
    metafunc.parametrize("module", found, ids=[f"{module.plan}-{module.name}" for module in found], indirect=True)
    metafunc.parametrize("issuer", ISSUERS, ids=["issuer-with-path", "issuer-without-path"], indirect=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.no_summary:
        return
    terminalreporter.section("conformance modules that wait for dynamic registration")
    for module in modules.waiting():
        terminalreporter.write_line(f"{module.plan}: {module.name}")


@pytest.fixture
def module(request: pytest.FixtureRequest) -> Module:
    found: Module = request.param
    return found


@pytest.fixture
def issuer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def listener(authority: Authority) -> Iterator[Listener]:
    server = Listener(authority)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def proxy(authority: Authority, database_engine: str, django_db_setup: None) -> Iterator[TlsProxy]:
    """A live server on the engine in turn, behind the proxy."""
    django_server = LiveServer(LOOPBACK)
    server = TlsProxy(authority, django_server.url)
    yield server
    server.stop()
    django_server.stop()


@pytest.fixture
def configuration(module: Module, issuer: str, listener: Listener) -> Configuration:
    return Configuration(
        issuer=issuer,
        suite=listener.origin,
        alias="codeflow",
        redirect_uris=(f"{listener.origin}/test/a/codeflow/callback",),
        logout=LOGOUT_OF_PLAN.get(module.plan, NO_LOGOUT),
        clients=tuple(
            StaticClient(role=role, client_id=f"conformance {role}", client_secret=new_secret()) for role in ROLES
        ),
        username="charlotte",
        password=new_secret(),
    )


@pytest.fixture
def provider(configuration: Configuration, settings: Any, transactional_db: None) -> Configuration:
    """The settings of demo_site/settings/conformance.py on the running server, and its rows."""
    settings.ROOT_URLCONF = ISSUERS[configuration.issuer]
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": configuration.issuer}
    settings.CODEFLOW_PROVIDER = {
        "USER_CLAIMS": "demo_site.conformance.person.claims",
        "LOGOUT_PRIVATE_ADDRESSES": True,  # the suite is on this machine
    }
    settings.ALLOWED_HOSTS = [urlsplit(configuration.issuer).hostname]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    clients._known.clear()
    keys._signing.clear()
    registration.prepare(configuration)
    return configuration


@pytest.fixture
def suite(
    module: Module, provider: Configuration, authority: Authority, proxy: TlsProxy, listener: Listener
) -> Iterator[Suite]:
    """With the provider's metadata read; the browser has no cookies."""
    listener.heard.clear()
    with new_session(authority, proxy) as own, new_session(authority, proxy) as browser:
        asking = Suite(module=module, configuration=provider, listener=listener, session=own, agent=UserAgent(browser))
        asking.discover()
        yield asking


@pytest.fixture
def trusted_listener(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider's outbound door trusts the suite's certificate."""
    monkeypatch.setattr(http._session(), "verify", str(authority.bundle))


_generate = keys._generate


@cache
def _pooled_key(alg: str, place: int) -> jose.PrivateKey:
    return _generate(alg)


@pytest.fixture(autouse=True)
def _key_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys as random as always, generated once per run."""
    places = {alg: count() for alg in keys.ALGORITHMS}
    monkeypatch.setattr(keys, "_generate", lambda alg: _pooled_key(alg, next(places[alg])))


class Clock:
    """Every clock of this process, provider's and suite's alike, moved together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.offset = 0.0
        now, seconds = timezone.now, time.time
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=self.offset))
        monkeypatch.setattr(time, "time", lambda: seconds() + self.offset)

    def advance(self, seconds: float) -> None:
        self.offset += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)
