"""The site under test."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import include, path


def home(request: HttpRequest) -> JsonResponse:
    oidc: Any = request.oidc  # type: ignore[attr-defined]  # set by the middleware
    return JsonResponse({"sub": oidc.sub, "claims": dict(oidc.claims), "signed_in": request.user.is_authenticated})


urlpatterns = [path("", home), path("auth/", include("codeflow.relying_party.urls"))]
