"""A site as its developer would have it: an issuer far away that no test may ever reach."""

import socket
from typing import Any

import pytest
from django.core.cache import caches

from codeflow.relying_party.flow import documents

ISSUER = "https://login.acme.example"
API = "https://api.acme.example/"


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture(autouse=True)
def site(settings: Any, db: None) -> Any:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "kit"}}
    caches["default"].clear()
    documents.forget()
    settings.ROOT_URLCONF = "tests.testing.urls"
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
        "issuer": ISSUER,
        "client_id": "shop",
        "client_secret": "s3cret:with/special+characters",
        "scope": "openid email profile offline_access",
        "apis": {"orders": API},
    }
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"acme": acme, "other": {**acme, "issuer": f"{ISSUER}/other/"}}}
    settings.ACME = acme
    return settings
