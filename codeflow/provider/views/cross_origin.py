"""CORS for clients that run in a browser: registered origins, and never with credentials.

Fetch standard 3.2; OAuth 2.0 for Browser-Based Applications. A preflight names no client, so there any active client's origin counts; the
answer itself is readable for the origins of the client that asked.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from codeflow.core.uris import is_loopback_host, origin_of, split_uri
from codeflow.provider.models import Client

MAX_AGE = "600"
"""Seconds that a browser may remember a preflight."""


def is_preflight(request: HttpRequest) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers and _origin(request) != ""


def preflight(request: HttpRequest) -> HttpResponse:
    """204, with permission where an active client registered the origin."""
    response = HttpResponse(status=204, headers={"Vary": "Origin", "Cache-Control": "no-store"})
    del response["Content-Type"]
    if _registered_by_any(_origin(request)):
        response["Access-Control-Allow-Origin"] = _origin(request)
        response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response["Access-Control-Max-Age"] = MAX_AGE
    return response


def allow_origin(
    request: HttpRequest, response: HttpResponseBase, client: Client | None, *, named: bool = False
) -> None:
    """Lets the origin read the answer where it is registered: for `client`, or for any where the request `named` none."""
    origin = _origin(request)
    if not origin:
        return
    response["Vary"] = "Origin"
    if origin in client.allowed_origins.split() if client else not named and _registered_by_any(origin):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = "WWW-Authenticate, Retry-After"


def _origin(request: HttpRequest) -> str:
    """The Origin header where it is one that may be registered: https, or http on loopback with DEBUG."""
    origin = request.headers.get("Origin", "")
    parts = split_uri(origin)
    if parts is None or origin_of(origin) != origin:
        return ""
    if parts.scheme == "https" or (parts.scheme == "http" and settings.DEBUG and is_loopback_host(parts.hostname)):
        return origin
    return ""


def _registered_by_any(origin: str) -> bool:
    candidates = Client.objects.filter(is_active=True, allowed_origins__contains=origin)
    return any(origin in origins.split() for origins in candidates.values_list("allowed_origins", flat=True))
