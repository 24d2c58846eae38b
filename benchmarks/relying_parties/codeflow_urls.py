from django.urls import include, path

from benchmarks.relying_parties.front_page import front_page

urlpatterns = [path("", front_page), path("auth/", include("codeflow.relying_party.urls"))]
