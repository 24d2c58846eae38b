from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from benchmarks.relying_parties.front_page import front_page


def call(request: HttpRequest) -> JsonResponse:
    return JsonResponse(request.oidc.api("orders").get("v1/orders").json())  # type: ignore[attr-defined]  # the middleware's


urlpatterns = [path("", front_page), path("call/", call), path("auth/", include("codeflow.relying_party.urls"))]
