"""Who is signed in, for the driver to see; and the token of a form that starts a sign-in."""

from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token


def front_page(request: HttpRequest) -> JsonResponse:
    get_token(request)
    claims = request.session.get("authlib_claims", {})
    return JsonResponse({"signed_in": request.user.is_authenticated or bool(claims)})
