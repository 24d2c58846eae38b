"""DANGER: a client that believes everything. What is missing is said where it is missing."""

from typing import Any
from urllib.parse import urlencode

import jwt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from codeflow.http import Door
from demo_site import environment
from demo_site.unsafe.guard import loopback_only

CLIENT_ID, SCOPE = "twin", "openid profile notes.read"
PERSON, NEXT = "unsafe_person", "unsafe_next"  # cookies


def _server() -> str:
    return f"{environment.addresses().provider}/unsafe/o"


def _callback_url() -> str:
    return environment.addresses().client + reverse("unsafe_callback")


@loopback_only
def login(request: HttpRequest) -> HttpResponse:
    """No state, no nonce, no code_challenge; `next` is kept as it comes."""
    asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": _callback_url(), "scope": SCOPE}
    response = HttpResponse(status=302)
    response.headers["Location"] = f"{_server()}/authorize/?{urlencode(asked)}"
    response.set_cookie(NEXT, request.GET.get("next", ""), samesite="Lax", httponly=True)
    return response


@loopback_only
def callback(request: HttpRequest) -> HttpResponse:
    """Any code from anywhere is welcome, and the ID token is read without being verified."""
    if "code" not in request.GET:
        return render(request, "unsafe/client.html", {"denied": True}, status=400)
    person = _person_of(_tokens(request.GET["code"]).get("id_token", ""))
    if not person:
        return render(request, "unsafe/client.html", {"failed": True}, status=400)
    response = HttpResponse(status=302)
    response.headers["Location"] = request.COOKIES.get(NEXT) or reverse("unsafe_client")  # wherever that leads
    response.set_signed_cookie(PERSON, person, samesite="Lax", httponly=True, max_age=600)
    return response


@loopback_only
def implicit_login(request: HttpRequest) -> HttpResponse:
    """response_type=token (RFC 6749 4.2, which RFC 9700 2.1.2 says not to use)."""
    target = environment.addresses().client + reverse("unsafe_implicit")
    asked = {"response_type": "token", "client_id": CLIENT_ID, "redirect_uri": target, "scope": "notes.read"}
    response = HttpResponse(status=302)
    response.headers["Location"] = f"{_server()}/authorize/?{urlencode(asked)}"
    return response


@loopback_only
def implicit(request: HttpRequest) -> HttpResponse:
    """Where the token arrives: in the browser alone. One script of this page shows what any script could do."""
    response = render(request, "unsafe/implicit.html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        f"connect-src {environment.addresses().provider}; base-uri 'none'; form-action 'self'"
    )
    return response


@loopback_only
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "unsafe/client.html", {"person": request.get_signed_cookie(PERSON, default="")})


def _tokens(code: str) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _callback_url(), "client_id": CLIENT_ID}
    answer = Door(allow_http_loopback=True).post_form(f"{_server()}/token/", form)
    return answer.json_object() if answer.ok else {}


def _person_of(id_token: str) -> str:
    try:
        claims = jwt.decode(id_token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return ""
    return str(claims.get("name", ""))
