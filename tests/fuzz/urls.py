"""A site with both roles, the admin, and views of its own behind each kind of protection."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from codeflow.provider.decorators import bearer_required
from codeflow.relying_party import oidc_required


@bearer_required("notes.read")
def notes(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user": request.user.get_username()})


@oidc_required("acme")
def private(request: HttpRequest) -> JsonResponse:
    oidc: Any = request.oidc  # type: ignore[attr-defined]  # set by the middleware
    return JsonResponse({"sub": oidc.sub})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("o/", include("codeflow.provider.urls")),
    path("auth/", include("codeflow.relying_party.urls")),
    path("api/notes/", notes),
    path("private/", private),
    path("", include("codeflow.provider.well_known_urls")),
]
