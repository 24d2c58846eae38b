import requests
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from benchmarks.relying_parties.front_page import front_page


def call(request: HttpRequest) -> JsonResponse:
    headers = {"Authorization": f"Bearer {request.session['oidc_access_token']}"}
    return JsonResponse(requests.get(f"{settings.API}v1/orders", headers=headers, timeout=5).json())


urlpatterns = [path("", front_page), path("call/", call), path("oidc/", include("mozilla_django_oidc.urls"))]
