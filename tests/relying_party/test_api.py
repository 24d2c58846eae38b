"""Calls to APIs: what an API may ask for beyond a token, and calls from async views."""

from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from codeflow.http import Answer
from codeflow.relying_party import api
from codeflow.relying_party.flow.step7_resource_request import challenge_of
from codeflow.relying_party.models import RPSession, TokenGrant
from tests.relying_party.conftest import path_of
from tests.relying_party.misbehaving_provider import Reply, json_reply


@pytest.fixture
def signed_in(browser: Any) -> Any:
    browser.sign_in()
    return browser


def challenging(op: Any, status: int, challenge: str) -> None:
    def refuse() -> Reply:
        reply = json_reply({"error": "x"}, status)
        reply.headers["WWW-Authenticate"] = challenge
        return reply

    op.replies["/api/v1/orders"] = refuse


def call(browser: Any) -> Any:
    return browser.client.get("/orders/", headers={"Accept": "application/json"})


@pytest.mark.spec("RFC 6750", "3.1", "T60: a scope that is missing leads to a sign-in that asks for it")
def test_missing_scope_is_asked_for(signed_in, events):
    challenging(signed_in.op, 403, 'Bearer realm="orders", error="insufficient_scope", scope="openid orders.write"')
    response = call(signed_in)
    assert (response.status_code, response.json()["code"]) == (401, "api.insufficient_scope")
    assert next(e for e in events if e.name == "resource_requested").details["challenge"] == "insufficient_scope"
    location = signed_in.client.get(signed_in.client.get("/orders/").headers["Location"]).headers["Location"]
    assert parse_qs(urlsplit(location).query)["scope"][0].endswith("offline_access orders.write")


@pytest.mark.parametrize(
    ("status", "challenge"),
    [
        (403, 'Bearer error="insufficient_scope", scope="openid profile"'),
        (403, 'Bearer error="insufficient_scope"'),
        (403, 'Bearer error="invalid_request"'),
        (403, 'Basic realm="orders"'),
        (403, ""),
        (400, 'Bearer error="insufficient_scope", scope="orders.write"'),
    ],
)
def test_other_answers_are_the_callers_to_judge(signed_in, status, challenge):
    challenging(signed_in.op, status, challenge)
    assert call(signed_in).status_code == status


@pytest.mark.spec("RFC 9470", "3", "a stronger or more recent authentication is asked for, without a refresh")
def test_weak_sign_in_is_stepped_up(signed_in):
    challenge = 'Bearer error="insufficient_user_authentication", acr_values="urn:mfa", max_age=60'
    challenging(signed_in.op, 401, challenge)
    assert call(signed_in).json()["code"] == "api.insufficient_user_authentication"
    location = signed_in.client.get(signed_in.client.get("/orders/").headers["Location"]).headers["Location"]
    asked = parse_qs(urlsplit(location).query)
    assert (asked["acr_values"], asked["max_age"]) == (["urn:mfa"], ["60"])
    assert not [seen for seen in signed_in.op.requests_to("/op/token") if "refresh_token" in seen.form]


def test_api_that_is_never_content_does_not_send_people_round(signed_in):
    challenging(signed_in.op, 401, 'Bearer error="insufficient_user_authentication", acr_values="urn:mfa"')
    RPSession.objects.update(acr="urn:mfa")
    assert call(signed_in).json() == {"error": "x"}


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        ('Bearer error="a", scope="b c"', {"error": "a", "scope": "b c"}),
        ("bearer error=a,max_age=5", {"error": "a", "max_age": "5"}),
        ('DPoP error="a"', {}),
        ('Bearer error="a\r\nb"', {}),
        ("", {}),
    ],
)
def test_challenge_is_read(challenge, expected):
    answer = Answer(status_code=401, headers={"WWW-Authenticate": challenge}, body=b"")
    assert challenge_of(answer) == expected


@pytest.mark.django_db(transaction=True)
def test_async_view_calls_an_api(signed_in):
    client = AsyncClient()
    client.cookies = signed_in.client.cookies
    signed_in.op.access_tokens.clear()
    response = async_to_sync(client.get)("/orders-async/")
    assert response.json()["path"] == "/api/v1/orders"
    assert TokenGrant.objects.get().version == 1


@pytest.mark.django_db(transaction=True)
def test_async_view_of_nobody_leads_to_sign_in(browser):
    response = async_to_sync(AsyncClient().get)("/orders-async/")
    assert (response.status_code, path_of(response.headers["Location"])) == (302, "/auth/login/")


@pytest.mark.django_db(transaction=True)
def test_every_async_method(signed_in):
    grant = TokenGrant.objects.select_related("identity").get()
    orders = api.ApiClient(lambda: grant, "orders")

    async def everything() -> list[str]:
        answers = [
            await orders.aget("v1/a"),
            await orders.apost("v1/a", json={}),
            await orders.aput("v1/a"),
            await orders.apatch("v1/a"),
            await orders.adelete("v1/a"),
        ]
        return [answer.json()["method"] for answer in answers]

    assert async_to_sync(everything)() == ["GET", "POST", "PUT", "PATCH", "DELETE"]
    assert repr(orders) == "<ApiClient orders>"


def test_public_names_are_imported_on_first_use():
    package = import_module("codeflow.relying_party")
    assert package.__getattr__("api") is api
    assert package.__getattr__("oidc_required") is package.oidc_required
    with pytest.raises(AttributeError, match="has no attribute 'other'"):
        package.__getattr__("other")
