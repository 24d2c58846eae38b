import requests
from allauth.socialaccount.models import SocialToken
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from benchmarks.relying_parties.front_page import front_page


def call(request: HttpRequest) -> JsonResponse:
    held = SocialToken.objects.filter(account__user=request.user).latest("pk")
    headers = {"Authorization": f"Bearer {held.token}"}
    return JsonResponse(requests.get(f"{settings.API}v1/orders", headers=headers, timeout=5).json())


urlpatterns = [path("", front_page), path("call/", call), path("accounts/", include("allauth.urls"))]
