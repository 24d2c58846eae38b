"""DANGER: an authorization server that leaves the checks out. What is missing is said where it is missing."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from jwt.algorithms import RSAAlgorithm

from demo_site import environment
from demo_site.notes.models import Note
from demo_site.unsafe import tokens
from demo_site.unsafe.guard import loopback_only
from demo_site.unsafe.lies import good_claims, id_token

SCOPES = "openid profile notes.read"


def issuer() -> str:
    return f"{environment.addresses().provider}/unsafe/o"


@loopback_only
def configuration(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Discovery 3, so that a careful client can meet this server too."""
    base = issuer()
    return JsonResponse(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize/",
            "token_endpoint": f"{base}/token/",
            "jwks_uri": f"{base}/jwks/",
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@loopback_only
def jwks(request: HttpRequest) -> HttpResponse:
    public = json.loads(RSAAlgorithm.to_jwk(tokens.key().public_key()))
    return JsonResponse({"keys": [{**public, "kid": tokens.KID, "use": "sig", "alg": "RS256"}]})


@loopback_only
def authorize(request: HttpRequest) -> HttpResponse:
    """No check of client_id and redirect_uri, no protection of the form, no headers against frames."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("codeflow_provider:login"))
    if request.method != "POST":
        return _consent_page(request)
    return _decided(request, request.user, asked=request.GET)


@loopback_only
def framed(request: HttpRequest) -> HttpResponse:
    """The consent page as the lab's framing attack shows it: without a sign-in, so that the frame has something to show."""
    return _consent_page(request)


def _consent_page(request: HttpRequest) -> HttpResponse:
    response = render(request, "unsafe/consent.html", {"asked": request.GET})
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; img-src 'self'"
    response.xframe_options_exempt = True
    return response


def _decided(request: HttpRequest, user: Any, *, asked: Any) -> HttpResponse:
    target = asked.getlist("redirect_uri")[-1] if "redirect_uri" in asked else ""  # the last one wins, whatever it is
    known = {name: asked[name] for name in ("state",) if name in asked}
    if request.POST.get("allow") != "yes":
        return _to(target, "?", {"error": "access_denied", **known, "iss": issuer()})
    if asked.get("response_type") == "token":  # the implicit flow: the token itself goes to the browser
        token = {"access_token": tokens.access_token(user.pk), "token_type": "Bearer", "expires_in": tokens.LIFETIME}
        return _to(target, "#", {**token, **known})
    grant = tokens.Grant(
        user_pk=user.pk,
        name=user.get_full_name() or user.get_username(),
        client_id=asked.get("client_id", ""),
        nonce=asked.get("nonce", ""),
        lie=asked.get("lie", ""),
    )
    return _to(target, "?", {"code": tokens.new_code(grant), **known, "iss": issuer()})


def _to(target: str, separator: str, parameters: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(status=302)
    response.headers["Location"] = f"{target}{separator}{urlencode(parameters)}"
    return response


@loopback_only
def token(request: HttpRequest) -> HttpResponse:
    """No client authentication, no PKCE, no redirect_uri, codes and refresh tokens that last for ever."""
    known = request.POST.get("code") or request.POST.get("refresh_token", "")
    grant = tokens.codes.get(known)
    if grant is None:
        return JsonResponse({"error": "invalid_grant"}, status=400)
    answer = {
        "access_token": tokens.access_token(grant.user_pk),
        "token_type": "Bearer",
        "expires_in": tokens.LIFETIME,
        "refresh_token": known,
        "scope": SCOPES,
    }
    claims = good_claims(
        issuer=issuer(), sub=str(grant.user_pk), name=grant.name, aud=grant.client_id, nonce=grant.nonce
    )
    answer["id_token"] = id_token(claims, tokens.key(), tokens.KID, grant.lie)
    response = JsonResponse(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


@loopback_only
def revoke(request: HttpRequest) -> HttpResponse:
    """Says yes and does nothing."""
    return HttpResponse(status=200)


@loopback_only
def notes_api(request: HttpRequest) -> HttpResponse:
    """Titles alone. No scope is looked at: whoever holds any token may write, too (though nothing is kept).

    Any page of any origin may call it: that is what the implicit flow's clients need.
    """
    response = _notes_of(request) if request.method != "OPTIONS" else HttpResponse(status=204)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Authorization"
    return response


def _notes_of(request: HttpRequest) -> HttpResponse:
    user_pk = tokens.holder(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if user_pk is None:
        return JsonResponse({"error": "invalid_token"}, status=401)
    if request.method == "POST":
        return JsonResponse({"title": "kept nowhere"}, status=201)
    user = get_user_model()._default_manager.get(pk=user_pk)
    return JsonResponse({"notes": [{"title": note.title} for note in Note.objects.filter(user=user)]})
