"""The authorization server: codeflow's two includes, the API it protects, and its admin."""

from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path, re_path
from django.views.i18n import set_language

from demo_site.notes import views
from demo_site.pages.views import choose_theme, to_the_lab
from demo_site.trace.server_rows import server_rows

urlpatterns = [
    path("o/", include("codeflow.provider.urls")),
    path("", include("codeflow.provider.well_known_urls")),
    path("api/notes/", views.notes_api, name="notes_api"),
    path("", views.front_page, name="front_page"),
    path("lab/rows/<uuid:run_id>/", server_rows, name="server_rows"),
    re_path(r"^lab/", to_the_lab),
    path("unsafe/", include("demo_site.unsafe.provider_urls")),
    path("theme/", choose_theme, name="theme"),
    path("language/", set_language, name="language"),
    path("admin/", admin.site.urls),
    *staticfiles_urlpatterns(),
]
