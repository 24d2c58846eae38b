"""A limit-finder, not a provider: what is left when a flow does nothing but its one statement and its one signature.

Plain views behind the default middleware; client and key in memory; codes and tokens stored as SHA-256. No error is explained, nothing
is audited, a replay ends nothing, nobody can be deactivated, nothing can be rotated.
"""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

KEY: Any = load_pem_private_key(settings.PRIVATE_KEY.encode(), password=None)
SECRET_HASH = hashlib.sha256(settings.SECRET.encode()).digest()
ISSUER = "https://floor.example"


@login_required
def authorize(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    if asked["client_id"] != settings.CLIENT_ID or asked["redirect_uri"] != settings.REDIRECT_URI:
        return HttpResponse(status=400)
    code = secrets.token_urlsafe(32)
    _run(
        "INSERT INTO floor_grant (code, challenge, nonce, scope, user_id) VALUES (%s, %s, %s, %s, %s)",
        [_hash(code), asked["code_challenge"], asked["nonce"], asked["scope"], request.user.pk],
    )
    answer = urlencode({"code": code, "state": asked["state"], "iss": ISSUER})
    return HttpResponseRedirect(f"{asked['redirect_uri']}?{answer}")


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    if not _is_client(request):
        return JsonResponse({"error": "invalid_client"}, status=401)
    form = request.POST
    kind = "code" if form["grant_type"] == "authorization_code" else "refresh"
    access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    row = _run(
        f"UPDATE floor_grant SET code = NULL, access = %s, refresh = %s WHERE {kind} = %s "  # noqa: S608  one of two words
        "RETURNING user_id, nonce, scope, challenge",
        [_hash(access), _hash(refresh), _hash(form["code" if kind == "code" else "refresh_token"])],
    )
    if row is None or (kind == "code" and _hash(form["code_verifier"]) != row[3]):
        return JsonResponse({"error": "invalid_grant"}, status=400)
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": str(row[0]), "aud": settings.CLIENT_ID, "iat": now, "exp": now + 600}
    claims |= {"nonce": row[1]} if kind == "code" else {}
    return JsonResponse(
        {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": settings.TOKEN_SECONDS,
            "refresh_token": refresh,
            "scope": row[2],
            "id_token": jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "floor"}),
        }
    )


@csrf_exempt
def userinfo(request: HttpRequest) -> HttpResponse:
    row = _run(
        "SELECT u.id, u.first_name, u.last_name, u.username, u.email FROM floor_grant g "
        "JOIN auth_user u ON u.id = g.user_id WHERE g.access = %s AND u.is_active",
        [_hash(request.headers["Authorization"].removeprefix("Bearer "))],
    )
    if row is None:
        return JsonResponse({"error": "invalid_token"}, status=401)
    sub, given, family, username, email = row
    return JsonResponse(
        {
            "sub": str(sub),
            "name": f"{given} {family}",
            "given_name": given,
            "family_name": family,
            "preferred_username": username,
            "email": email,
        }
    )


@csrf_exempt
def introspect(request: HttpRequest) -> HttpResponse:
    if not _is_client(request):
        return JsonResponse({"error": "invalid_client"}, status=401)
    row = _run("SELECT user_id, scope FROM floor_grant WHERE access = %s", [_hash(request.POST["token"])])
    if row is None:
        return JsonResponse({"active": False})
    return JsonResponse({"active": True, "sub": str(row[0]), "scope": row[1], "client_id": settings.CLIENT_ID})


def _is_client(request: HttpRequest) -> bool:
    client_id, _, secret = (
        base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
    )
    return client_id == settings.CLIENT_ID and hmac.compare_digest(
        hashlib.sha256(secret.encode()).digest(), SECRET_HASH
    )


def _run(sql: str, values: list[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone() if cursor.description else None


def _hash(value: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()).rstrip(b"=").decode()


urlpatterns = [
    path("authorize/", authorize),
    path("token/", token),
    path("userinfo/", userinfo),
    path("introspect/", introspect),
]
