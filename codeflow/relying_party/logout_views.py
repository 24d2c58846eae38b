"""Where a provider says that somebody signed out there: its server posts a logout token, or its page frames ours."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from codeflow.core.uris import origin_of
from codeflow.relying_party import logouts, signals
from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import RETRY_AFTER, RelyingPartyError
from codeflow.relying_party.pages import known_or_404, own_page


@csrf_exempt  # a server posts here; the logout token is the proof (Back-Channel Logout 2.5)
@own_page
@require_POST
def backchannel(request: HttpRequest, provider: str) -> HttpResponse:
    """200 where the sessions named are over, known here or not; 400 where the token is not to be believed (2.8)."""
    known_or_404(provider)
    try:
        logouts.receive_logout_token(request, provider)
    except RelyingPartyError as error:
        return _refused(request, error, provider)
    return HttpResponse(content_type="text/plain")


def _refused(request: HttpRequest, error: RelyingPartyError, provider: str) -> HttpResponse:
    reference = signals.announce_failure("logout_refused", error, request=request, provider=provider)
    unavailable = error.status_code == 503
    body = {
        "error": "temporarily_unavailable" if unavailable else "invalid_request",
        "error_description": f"{error.code} ({reference})",
    }
    headers = {"Retry-After": str(RETRY_AFTER)} if unavailable else {}
    return JsonResponse(body, status=503 if unavailable else 400, headers=headers)


@own_page
@xframe_options_exempt  # it is made for a frame of the provider's page, and for no other
@require_safe
def frontchannel(request: HttpRequest, provider: str) -> HttpResponse:
    """Always the same empty page, so that it tells nobody whether there was a session."""
    known_or_404(provider)
    logouts.receive_frontchannel_logout(
        request, provider, iss=request.GET.get("iss", ""), sid=request.GET.get("sid", "")
    )
    response = HttpResponse("<!doctype html><title>Signed out</title>")
    response.headers["Content-Security-Policy"] = _framed_by(conf.provider(provider).issuer)
    return response


def _framed_by(issuer: str) -> str:
    return f"default-src 'none'; frame-ancestors {origin_of(issuer)}"
