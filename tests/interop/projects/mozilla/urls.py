"""Who is signed in, and mozilla-django-oidc's own addresses."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import include, path


def front_page(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    if not user.is_authenticated:
        return JsonResponse({"email": ""})
    form = f'<form id="logout" method="post" action="/oidc/logout/"><input name="csrfmiddlewaretoken" value="{get_token(request)}"></form>'
    return HttpResponse(f"<p>{user.email}</p>{form}")


def expire(request: HttpRequest) -> HttpResponse:
    """As if OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS had gone by."""
    request.session["oidc_id_token_expiration"] = 0
    return JsonResponse({"id_token": request.session["oidc_id_token"]})


def signed_out(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"signed_out": not request.user.is_authenticated})


def end_session_url(request: HttpRequest) -> str:
    """OIDC_OP_LOGOUT_URL_METHOD: the site's part of RP-initiated logout."""
    parameters = {
        "id_token_hint": request.session["oidc_id_token"],
        "post_logout_redirect_uri": request.build_absolute_uri("/signed-out/"),
    }
    return f"{settings.PEER['issuer']}/logout/?{urlencode(parameters)}"


urlpatterns = [
    path("", front_page),
    path("expire/", expire, name="expire"),
    path("signed-out/", signed_out, name="signed_out"),
    path("oidc/", include("mozilla_django_oidc.urls")),
]
