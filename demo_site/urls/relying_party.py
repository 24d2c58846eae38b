"""The client: codeflow's one include, two pages that need sign-in, the lab, and its admin."""

from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path
from django.views.i18n import set_language

from demo_site.client import views
from demo_site.pages.views import choose_theme
from demo_site.step_mode.token_request import go_on

urlpatterns = [
    path("", views.landing, name="landing"),
    path("open/", views.open_notes, name="open_notes"),
    path("notes/", views.notes, name="notes"),
    path("account/", views.account, name="account"),
    path("auth/before-token-request/", go_on, name="before_token_request"),
    path("auth/", include("codeflow.relying_party.urls")),
    path("lab/", include("demo_site.attacks.urls")),
    path("lab/", include("demo_site.learn.urls")),
    path("lab/", include("demo_site.trace.lab.urls")),
    path("unsafe/client/", include("demo_site.unsafe.client_urls")),
    path("theme/", choose_theme, name="theme"),
    path("language/", set_language, name="language"),
    path("admin/", admin.site.urls),
    *staticfiles_urlpatterns(),
]
