"""The site of the relying party's tests: the pages of the role, and a few of its own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from codeflow.relying_party import oidc_required


@oidc_required
def account(request: HttpRequest) -> JsonResponse:
    oidc: Any = request.oidc  # type: ignore[attr-defined]  # set by the middleware
    return JsonResponse(
        {"sub": oidc.sub, "issuer": oidc.issuer, "provider": oidc.provider, "claims": dict(oidc.claims)}
    )


@oidc_required("acme", max_age=900, acr="urn:mfa", scope="orders")
def step_up(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@oidc_required("acme")
async def account_async(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


async def who_async(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user": (await request.auser()).get_username()})


def orders(request: HttpRequest) -> JsonResponse:
    answer = request.oidc.api("orders").get("v1/orders")  # type: ignore[attr-defined]  # as above
    return JsonResponse(answer.json(), status=answer.status_code)


async def orders_async(request: HttpRequest) -> JsonResponse:
    answer = await request.oidc.api("orders").aget("v1/orders")  # type: ignore[attr-defined]  # as above
    return JsonResponse(answer.json(), status=answer.status_code)


def home(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user": request.user.get_username()})


urlpatterns = [
    path("", home),
    path("account/", account),
    path("account-async/", account_async),
    path("who-async/", who_async),
    path("step-up/", step_up),
    path("orders/", orders),
    path("orders-async/", orders_async),
    path("admin/", admin.site.urls),
    path("auth/", include("codeflow.relying_party.urls")),
]
