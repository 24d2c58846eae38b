from django.urls import include, path

from benchmarks.relying_parties.front_page import front_page

urlpatterns = [path("", front_page), path("accounts/", include("allauth.urls"))]
