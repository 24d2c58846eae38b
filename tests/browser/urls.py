"""The site of the browser's tests: both roles, the admin, an API and a page that needs a sign-in."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from codeflow.relying_party import oidc_required
from tests.end_to_end.in_process.urls import notes_of_the_provider

HTML = (
    '<!doctype html><html lang="en"><title>{title}</title><link rel="icon" href="data:,"><h1>{title}</h1>{rest}</html>'
)


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse(HTML.format(title="Home", rest=request.user.get_username()))


@oidc_required("acme")
def notes(request: HttpRequest) -> HttpResponse:
    oidc: Any = request.oidc  # type: ignore[attr-defined]  # set by the middleware
    (note,) = oidc.api("notes").get("notes/").json()["notes"]
    return HttpResponse(HTML.format(title="Notes", rest=f'<p id="note">{note}</p>'))


urlpatterns = [
    path("", home),
    path("notes/", notes),
    path("api/notes/", notes_of_the_provider),
    path("admin/", admin.site.urls),
    path("o/", include("codeflow.provider.urls")),
    path("auth/", include("codeflow.relying_party.urls")),
    path("", include("codeflow.provider.well_known_urls")),
]
