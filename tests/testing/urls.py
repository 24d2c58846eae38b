"""The developer's own site."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from codeflow.relying_party import oidc_required


@oidc_required("acme")
def orders(request: HttpRequest) -> HttpResponse:
    oidc: Any = request.oidc  # type: ignore[attr-defined]  # set by the middleware
    answer = oidc.api("orders").get("v1/orders", timeout=5)
    return JsonResponse({"orders": answer.json(), "status": answer.status_code})


@oidc_required("acme", max_age=900, acr="urn:mfa", scope="orders")
def step_up(request: HttpRequest) -> HttpResponse:
    return HttpResponse("strong enough")


def report(request: HttpRequest) -> HttpResponse:
    answer = request.oidc.api("orders").post("v1/report", json={"month": 11})  # type: ignore[attr-defined]  # as above
    return JsonResponse(answer.json(), status=answer.status_code)


def home(request: HttpRequest) -> HttpResponse:
    oidc: Any = request.oidc  # type: ignore[attr-defined]  # as above
    return JsonResponse({"user": request.user.get_username(), "sub": oidc.sub, "claims": dict(oidc.claims)})


urlpatterns = [
    path("", home),
    path("orders", orders),
    path("step-up", step_up),
    path("report", report),
    path("auth/", include("codeflow.relying_party.urls")),
]
