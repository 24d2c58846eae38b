"""The site of the provider's tests: the pages of the role, and an API of its own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from codeflow.provider.decorators import bearer_required


@bearer_required("notes.read")
def notes(request: HttpRequest) -> JsonResponse:
    token: Any = request.access_token  # type: ignore[attr-defined]  # set by the decorator
    return JsonResponse({"user": request.user.get_username(), "scope": token.scope})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("o/", include("codeflow.provider.urls")),
    path("api/notes/", notes),
    path("", include("codeflow.provider.well_known_urls")),
]
