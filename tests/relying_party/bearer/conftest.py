"""A site whose own API takes the tokens of the provider `acme`."""

from typing import Any

import pytest

from codeflow.relying_party.bearer import introspection
from codeflow.testing import fake_provider

API = "https://shop.example/api"


@pytest.fixture(autouse=True)
def site(settings: Any, db: None) -> Any:
    acme = {"issuer": "https://login.acme.example", "client_id": "shop", "client_secret": "secret"}
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"acme": acme}}
    settings.ROOT_URLCONF = "tests.relying_party.bearer.urls"
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
        "codeflow.relying_party.middleware.RelyingPartyMiddleware",
    ]
    settings.AUTHENTICATION_BACKENDS = ["codeflow.relying_party.backends.OpenIDConnectBackend"]
    introspection.forget()
    settings.ACME = acme
    return settings


@pytest.fixture
def op():
    with fake_provider("acme") as provider:
        provider.user("alice", sub="alice-1")
        yield provider


@pytest.fixture
def call(client):
    """A request with a token; what came back."""

    def send(path: str, token: str = "", method: str = "get", **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        return getattr(client, method)(path, headers=sent | headers)

    return send
