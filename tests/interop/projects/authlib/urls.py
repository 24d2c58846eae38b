"""The views of a site with Authlib: sign in, ask for userinfo with a token that renews itself, sign out."""

from typing import Any

from authlib.integrations.django_client import OAuth, OAuthError, token_update
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

oauth = OAuth()
oauth.register("codeflow")

renewed: dict[str, dict[str, Any]] = {}
"""Refresh token → the token that took its place."""


@receiver(token_update)
def keep(token: dict[str, Any], refresh_token: str, **_: Any) -> None:
    renewed[refresh_token] = token


def login(request: HttpRequest) -> HttpResponse:
    """The query goes on to the provider: `prompt`, `max_age`, …"""
    callback = request.build_absolute_uri("/callback/")
    answer: HttpResponse = oauth.codeflow.authorize_redirect(request, callback, **request.GET.dict())
    return answer


def callback(request: HttpRequest) -> JsonResponse:
    """Authlib checks state, the ID token's signature (by JWKS), iss, aud, exp, nonce and at_hash."""
    try:
        token = oauth.codeflow.authorize_access_token(request)
    except OAuthError as error:
        return JsonResponse({"error": error.error})
    request.session["token"] = token
    return JsonResponse({"claims": token["userinfo"]})


def userinfo(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"userinfo": oauth.codeflow.userinfo(token=request.session["token"])})


def refresh(request: HttpRequest) -> JsonResponse:
    """Asks with a token that has expired, as far as Authlib knows: it renews it first."""
    expired = {**request.session["token"], "expires_at": 1}
    answer = oauth.codeflow.userinfo(token=expired)
    request.session["token"] = token = renewed.pop(expired["refresh_token"])
    claims = oauth.codeflow.parse_id_token(token, nonce=None)  # OIDC Core 12.2: it should have none
    rotated = token["refresh_token"] != expired["refresh_token"]
    return JsonResponse({"userinfo": answer, "claims": claims, "rotated": rotated})


def logout(request: HttpRequest) -> HttpResponse:
    hint = request.session.pop("token")["id_token"]
    back = request.build_absolute_uri("/signed-out/")
    answer: HttpResponse = oauth.codeflow.logout_redirect(request, post_logout_redirect_uri=back, id_token_hint=hint)
    return answer


def signed_out(request: HttpRequest) -> JsonResponse:
    """Authlib checks the state that came back."""
    return JsonResponse({"signed_out": bool(oauth.codeflow.validate_logout_response(request))})


urlpatterns = [
    path("login/", login),
    path("callback/", callback),
    path("userinfo/", userinfo),
    path("refresh/", refresh),
    path("logout/", logout),
    path("signed-out/", signed_out),
]
