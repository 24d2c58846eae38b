"""The addresses of a server made with Authlib, which leaves pages and metadata to the site."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from tests.interop.providers.authlib_server.server import KEY, claims_of, peer, server, tokens


def configuration(request: HttpRequest) -> JsonResponse:
    issuer = peer["issuer"]
    document = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize/",
        "token_endpoint": f"{issuer}/token/",
        "userinfo_endpoint": f"{issuer}/userinfo/",
        "jwks_uri": f"{issuer}/jwks/",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }
    return JsonResponse(document)


def jwks(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"keys": [KEY.as_dict(private=False)]})


@login_required
def authorize(request: HttpRequest) -> Any:
    """Whoever is signed in has said yes."""
    grant = server.get_consent_grant(request, end_user=request.user)
    return server.create_authorization_response(request, grant_user=request.user, grant=grant)


@csrf_exempt
def token(request: HttpRequest) -> Any:
    return server.create_token_response(request)


def userinfo(request: HttpRequest) -> JsonResponse:
    held = tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if held is None:
        return JsonResponse({"error": "invalid_token"}, status=401)
    return JsonResponse({"sub": str(held.user.pk), **claims_of(held.user)})


urlpatterns = [
    path("admin/", admin.site.urls),  # the sign-in page's template links to it
    path("login/", LoginView.as_view(template_name="admin/login.html")),
    path(".well-known/openid-configuration", configuration),
    path("jwks/", jwks),
    path("authorize/", authorize),
    path("token/", token),
    path("userinfo/", userinfo),
]
