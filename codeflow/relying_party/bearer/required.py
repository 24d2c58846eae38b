"""`bearer_required`: a plain view that takes access tokens and nothing else.

@bearer_required("acme", audience="https://shop.example/api", scope="orders")
def orders(request):
    return JsonResponse({"for": request.access_token.sub})
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from codeflow.core.errors import OAuthError
from codeflow.relying_party.bearer.scheme import BearerScheme, local_user
from codeflow.relying_party.errors import RETRY_AFTER

View = Callable[..., Any]


def bearer_required(
    provider: str, *, audience: str, scope: str = "", introspect: bool = False
) -> Callable[[View], View]:
    """The view, sync or async, runs with `request.access_token`, and `request.user` the local user or nobody.

    Cookies mean nothing to it. Anything else is answered with 400, 401, 403 or 503 and a challenge (RFC 6750 3.1).
    """
    scheme = BearerScheme(provider=provider, audience=audience, scope=scope, introspect=introspect)

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                refused = await sync_to_async(_admit)(request, scheme)
                return refused or await view(request, *args, **kwargs)

            return csrf_exempt(login_not_required(guarded_async))

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return _admit(request, scheme) or view(request, *args, **kwargs)

        return csrf_exempt(login_not_required(guarded))

    return decorate


def refusal(error: OAuthError, scheme: BearerScheme) -> HttpResponse:
    """The error as JSON with its challenge."""
    response = JsonResponse(error.to_parameters(), status=error.status_code, headers={"Cache-Control": "no-store"})
    if error.status_code == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    else:
        response.headers["WWW-Authenticate"] = scheme.challenge(error)
    return response


def _admit(request: HttpRequest, scheme: BearerScheme) -> HttpResponse | None:
    """None where the request may go on, which it then does as the token's subject."""
    try:
        token = scheme.access_token(request)
        user = local_user(token)
    except OAuthError as error:
        return refusal(error, scheme)
    request.access_token = token  # type: ignore[attr-defined]  # documented above
    request.user = user or AnonymousUser()
    return None
