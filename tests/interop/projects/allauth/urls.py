"""Who is signed in, and django-allauth's own addresses."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import include, path


class AccountAdapter(DefaultAccountAdapter):
    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """The site's part of RP-initiated logout. allauth keeps no ID token, so the provider gets no hint and asks."""
        parameters = {
            "client_id": settings.PEER["client_id"],
            "post_logout_redirect_uri": request.build_absolute_uri("/signed-out/"),
        }
        return f"{settings.PEER['issuer']}/logout/?{urlencode(parameters)}"


def front_page(request: HttpRequest) -> JsonResponse:
    """What allauth knows of the person, and the tokens it keeps."""
    user: Any = request.user
    if not user.is_authenticated:
        return JsonResponse({"email": ""})
    account = SocialAccount.objects.get(user=user)
    token = SocialToken.objects.filter(account=account).first()
    return JsonResponse(
        {
            "email": user.email,
            "uid": account.uid,
            "claims": account.extra_data,
            "access_token": token.token if token else "",
            "refresh_token": token.token_secret if token else "",
        }
    )


urlpatterns = [
    path("", front_page),
    path("signed-out/", front_page),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
]
