from django.urls import include, path

urlpatterns = [
    path("o/", include("codeflow.provider.urls")),
    path("", include("codeflow.provider.well_known_urls")),
]
