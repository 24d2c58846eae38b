"""Gives each request `oidc`, makes nobody of a user whose sign-in is over, and turns ReauthRequired into the way to sign in."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from codeflow.relying_party import signals
from codeflow.relying_party.addresses import demand_of, is_local_path, login_url
from codeflow.relying_party.errors import RETRY_AFTER, ProviderUnavailable, ReauthRequired
from codeflow.relying_party.sessions import OidcSession, guard_user

_SAFE = frozenset({"GET", "HEAD"})

GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class RelyingPartyMiddleware:
    """After AuthenticationMiddleware. Costs nothing until `request.oidc` or `request.user` is used."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        request.oidc = OidcSession(request)  # type: ignore[attr-defined]  # HttpRequest is open to middleware
        guard_user(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, ReauthRequired):
            response = _way_to_sign_in(request, exception)
        elif isinstance(exception, ProviderUnavailable):
            response = _try_again(request, exception)
        else:
            return None
        add_never_cache_headers(response)
        return response


def _way_to_sign_in(request: HttpRequest, error: ReauthRequired) -> HttpResponse:
    """A script gets 401 and the address; a page view goes there; a form post is refused, or its data would be lost."""
    next_url = _return_address(request)
    url = login_url(error.provider, next_url=next_url, demand=demand_of(error))
    if wants_json(request):
        return JsonResponse({"error": "login_required", "code": error.code, "login_url": url}, status=401)
    if request.method in _SAFE:
        return HttpResponseRedirect(url)
    context = {"login_url": url, "next_url": next_url}
    return render(request, "codeflow/relying_party/sign_in_first.html", context, status=403)


def _try_again(request: HttpRequest, error: ProviderUnavailable) -> HttpResponse:
    """Outcome D for a view that let it pass."""
    error.reference = error.reference or signals.new_reference()
    signals.logger.warning("unavailable: code=%s reference=%s detail=%s", error.code, error.reference, error.detail)
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse({"error": "temporarily_unavailable", "reference": error.reference}, status=503)
    else:
        context = {"reference": error.reference, "restart_url": request.path, "next_url": ""}
        response = render(request, "codeflow/relying_party/provider_unavailable.html", context, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def wants_json(request: HttpRequest) -> bool:
    """A call by a script: it says so, sends JSON, or takes JSON and no HTML."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest" or request.content_type == "application/json":
        return True
    accepted = request.headers.get("Accept", "")
    return "json" in accepted and "html" not in accepted


def _return_address(request: HttpRequest) -> str:
    """This page; after a form post the page that held the form, where it is known and ours."""
    if request.method in _SAFE and not wants_json(request):
        return request.get_full_path()
    origin = f"{request.scheme}://{request.get_host()}"
    referer = request.headers.get("Referer", "")
    path = referer.removeprefix(origin) if referer.startswith(origin + "/") else ""
    return path if is_local_path(path) else ""
