"""No request of any kind reaches a 5xx, leaves a trace by HEAD, or is sent somewhere that nobody registered.

CODEFLOW_FUZZ_EXAMPLES requests for each address (6): upwards of half a minute of one core for each engine. By hand:

    CODEFLOW_FUZZ_EXAMPLES=500 pytest tests/fuzz
"""

import os
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import Resolver404
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from codeflow import http
from codeflow.provider import clients, keys
from codeflow.provider.views.authorization import AuthorizationStep
from codeflow.provider.views.endpoint import Endpoint
from tests.fuzz.addresses import Address, every_address
from tests.fuzz.requests import Raw, raw_requests
from tests.provider.conftest import _key_pool
from tests.provider.exchange import Browser, Party, basic, code_for, tokens_for
from tests.provider.factories import ClientFactory, UserFactory

__all__ = ["_key_pool"]

pytestmark = pytest.mark.django_db

URLCONF = "tests.fuzz.urls"
EXAMPLES = int(os.environ.get("CODEFLOW_FUZZ_EXAMPLES", "6"))
OURS = {"", "testserver", "rp.example"}
"""Hosts that may be sent to: this one and the client's."""

ADDRESSES = every_address(URLCONF)
ANONYMOUS, PERSON, STAFF = "anonymous", "person", "staff"


class World:
    """People, a client with live tokens, and the values that would be right."""

    def __init__(self) -> None:
        person, staff = UserFactory(), UserFactory(is_staff=True, is_superuser=True)
        self.party = Party(ClientFactory(allowed_origins="https://shop.example"))
        browser = Browser()
        browser.force_sign_in(person)
        tokens = tokens_for(browser, self.party)
        keys.published_jwks()  # made by whoever asks first, also by HEAD
        self.cookies = {
            ANONYMOUS: Client().cookies,
            PERSON: browser.transport.client.cookies,
            STAFF: _signed_in(staff).cookies,
        }
        request = self.party.request()
        form = {
            "code": code_for(browser, self.party),
            "grant_type": "authorization_code",
            "code_verifier": self.party.redemption("x")["code_verifier"],
        }
        self.good = {name: [value] for name, value in {**request, **form}.items()}
        self.good |= {
            "token": [tokens["access_token"], tokens["refresh_token"]],
            "refresh_token": [tokens["refresh_token"]],
            "grant_type": ["authorization_code", "refresh_token"],
            "id_token_hint": [tokens["id_token"]],
            "client_secret": [self.party.secret],
            "username": [person.get_username()],
            "next": ["/o/login/", "/auth/account/"],
            "allow": ["yes", "no"],
        }
        self.authorizations = [
            "",
            basic(self.party.row.client_id, self.party.secret),
            f"Bearer {tokens['access_token']}",
        ]


@pytest.fixture(autouse=True)
def _site(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROOT_URLCONF = URLCONF
    limit = {
        "client_at_address": None,
        "address": None,
        "client": None,
        "guess": None,
        "login_at_address": None,
        "login_address": None,
    }
    settings.CODEFLOW_PROVIDER = {"RATE_LIMITS": limit}
    clients._known.clear()
    keys._signing.clear()

    def away(*args: Any, **kwargs: Any) -> None:
        raise http.Unreachable("no network here")

    monkeypatch.setattr(http.Door, "send", away)


@pytest.fixture
def world() -> World:
    return World()


def test_addresses_of_both_roles_and_of_the_admin_are_among_those_tried():
    found = {str(address) for address in ADDRESSES}
    assert found >= {
        "/o/token/",
        "/o/token",
        "/o/authorize/",
        "/o/logout/",
        "/o/login/",
        "/auth/callback/%(provider)s/",
    }
    assert any(path.startswith("/admin/codeflow_provider/client/%(object_id)s/") for path in found)
    assert len(found) > 80


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
def test_every_request_gets_a_clear_answer(address, world):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate] if EXAMPLES < 50 else tuple(Phase),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        raw=raw_requests(world.good),
        who=st.sampled_from([ANONYMOUS, PERSON, STAFF]),
        authorization=st.sampled_from(world.authorizations),
    )
    def try_one(raw: Raw, who: str, authorization: str) -> None:
        with undone():
            before = rows() if raw.method == "HEAD" else {}
            answer = send(world, address, raw, who, authorization)
            judge(address, raw, answer)
            assert not before or rows() == before

    try_one()


def send(world: World, address: Address, raw: Raw, who: str, authorization: str) -> Any:
    client = Client(enforce_csrf_checks=False)
    client.cookies = world.cookies[who]
    headers = {**({"Authorization": authorization} if authorization else {}), **raw.headers}
    cookie = headers.pop("Cookie", "")
    if cookie:
        client.cookies["codeflow_x"] = cookie.replace("\x00", "")
    target = address.filled(raw.path_value) + raw.path_ending
    return client.generic(
        raw.method,
        target,
        raw.body,
        raw.media_type,
        secure=True,
        headers=headers,
        QUERY_STRING=raw.query.decode("latin-1"),
    )


def judge(address: Address, raw: Raw, answer: Any) -> None:
    assert answer.status_code < 500 or (answer.status_code == 503 and answer.headers.get("Retry-After")), (
        answer.content[:2000]
    )
    if raw.method == "HEAD":
        assert answer.content == b""
    if location := answer.headers.get("Location", ""):
        assert urlsplit(location).netloc in OURS, location
        assert "\n" not in location
    if _view_of(answer) is not address.view:
        return  # another spelling of the path: somebody else's answer
    view = getattr(address.view, "view_class", None)
    if view and issubclass(view, Endpoint):
        judge_endpoint(raw, answer)
    if view and issubclass(view, AuthorizationStep) and raw.method in ("PUT", "DELETE", "PATCH", "BREW"):
        assert answer.status_code == 405


def judge_endpoint(raw: Raw, answer: Any) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.status_code == 404:
        return  # no endpoint of ours: Django's own answer
    assert "Cache-Control" in answer.headers
    if answer.content:
        assert answer.headers["Content-Type"].partition(";")[0] in ("application/json", "application/jwt")
    if raw.method in ("PUT", "DELETE", "PATCH", "BREW"):
        assert answer.status_code == 405


def _view_of(answer: Any) -> Any:
    try:
        return answer.resolver_match.func
    except Resolver404:
        return None


def undone() -> Any:
    """What a request wrote is taken back, so that each begins with the same rows."""
    return _Undone()


class _Undone:
    def __enter__(self) -> None:
        self.savepoint = transaction.savepoint()

    def __exit__(self, *error: object) -> None:
        transaction.savepoint_rollback(self.savepoint)
        clients._known.clear()


def rows() -> dict[str, int]:
    """How many each of our tables holds, but for sessions, which any page may begin."""
    ours = [model for model in apps.get_models() if model._meta.app_label.startswith("codeflow")]
    return {model.__name__: model._default_manager.count() for model in ours if model.__name__ != "AuditEvent"}


def _signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
