from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("o/", include("codeflow.provider.urls")),
    path("auth/", include("codeflow.relying_party.urls")),
    path("", include("codeflow.provider.well_known_urls")),
]
