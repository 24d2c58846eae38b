"""The site under test: who is signed in, and the userinfo endpoint called as an API, as the refresh plan wants."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import include, path


def home(request: HttpRequest) -> JsonResponse:
    oidc: Any = request.oidc  # type: ignore[attr-defined]  # set by the middleware
    return JsonResponse({"sub": oidc.sub, "claims": dict(oidc.claims), "signed_in": request.user.is_authenticated})


def call(request: HttpRequest) -> JsonResponse:
    answer = request.oidc.api("userinfo").get("")  # type: ignore[attr-defined]  # as above
    return JsonResponse(answer.json(), status=answer.status_code)


urlpatterns = [
    path("", home),
    path("call", call),
    path("auth/", include("codeflow.relying_party.urls")),
]
