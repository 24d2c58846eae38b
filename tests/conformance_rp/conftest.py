"""The suite as a provider, the site that it asks, and the check that no module of the plans is forgotten."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from codeflow.testing import FakeProvider, fake_provider
from tests.conformance_rp import modules
from tests.conformance_rp.suite import ISSUER, Suite


def pytest_collection_modifyitems() -> None:
    found = list(modules.problems())
    if found:
        raise pytest.UsageError("\n".join(found))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module's test runs once for each plan that has the module."""
    if "module" not in metafunc.fixturenames:
        return
    found = modules.to_run(metafunc.function.__name__)
    metafunc.parametrize("module", found, ids=[f"{module.plan}-{module.name}" for module in found], indirect=True)


@pytest.fixture
def module(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def site(settings: Any, module: modules.Module, db: None) -> Any:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "suite"}}
    caches["default"].clear()
    settings.ROOT_URLCONF = "tests.conformance_rp.urls"
    settings.LOGIN_REDIRECT_URL = "/"
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "codeflow.relying_party.middleware.RelyingPartyMiddleware",
    ]
    settings.AUTHENTICATION_BACKENDS = ["codeflow.relying_party.backends.OpenIDConnectBackend"]
    configuration = {
        "issuer": ISSUER,
        "client_id": "client id/with+more",
        "client_secret": "secret:with special&characters",
        "scope": "openid profile email address phone offline_access",
        "apis": {"userinfo": f"{ISSUER}userinfo"},
    }
    if module.plan == modules.FORM_POST_PLAN:
        configuration["response_mode"] = "form_post"
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"suite": configuration}}
    return settings


@pytest.fixture
def op(site: Any) -> Iterator[FakeProvider]:
    with fake_provider("suite") as provider:
        provider.user("user", sub="user-subject-1234531", email="user@example.com", phone_number="+1 555")
        yield provider


@pytest.fixture
def suite(op: FakeProvider, module: modules.Module) -> Suite:
    return Suite(op=op, client=Client(), module=module)
