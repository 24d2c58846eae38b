"""One site with both roles, as two hosts see it: the provider at localhost, the relying party at 127.0.0.1."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from codeflow.provider.decorators import bearer_required
from codeflow.relying_party import oidc_required


@bearer_required("notes.read")
def notes_of_the_provider(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"notes": [f"a note of {request.user.get_username()}"]})


@oidc_required("acme")
def notes(request: HttpRequest) -> JsonResponse:
    oidc: Any = request.oidc  # type: ignore[attr-defined]  # set by the middleware
    answer = oidc.api("notes").get("notes/")
    return JsonResponse({"sub": oidc.sub, "claims": dict(oidc.claims), **answer.json()}, status=answer.status_code)


def home(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"user": request.user.get_username()})


urlpatterns = [
    path("", home),
    path("notes/", notes),
    path("api/notes/", notes_of_the_provider),
    path("o/", include("codeflow.provider.urls")),
    path("auth/", include("codeflow.relying_party.urls")),
    path("", include("codeflow.provider.well_known_urls")),
]
