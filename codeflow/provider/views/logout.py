"""The end-session endpoint (RP-Initiated Logout 2) and our own sign-out page.

The person is asked unless the hint shows that the request comes from a client of this very session (RP-Initiated Logout 2).
"""

import json
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from oauth2_provider.views import RPInitiatedLogoutView

from codeflow.core.errors import InvalidRequest, OAuthError
from codeflow.core.sealing import SealBroken, Sealer
from codeflow.provider import audit, sessions
from codeflow.provider.claims import subject
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow.logout import LogoutRequest, check_logout_request, frontchannel_uris
from codeflow.provider.views.error_page import error_page
from codeflow.provider.views.pages import page, see_other
from codeflow.provider.views.parameters import Pairs, form_parameters, query_parameters
from codeflow.provider.views.unforeseen import foreseen

CONFIRMED = "confirmed"

FRAME_SECONDS = 2
"""How long the frames of a front-channel logout have before the browser goes on."""


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class LogoutView(RPInitiatedLogoutView):
    """GET and POST alike; a POST of our own confirmation page carries `confirmed` and a CSRF token."""

    http_method_names = ["get", "post", "options"]

    @foreseen("logout.refused")
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "POST"):
            return self.http_method_not_allowed(request, *args, **kwargs)
        parameters: Pairs = []
        try:
            parameters = form_parameters(request) if request.method == "POST" else query_parameters(request)
            sealed = dict(parameters).get(CONFIRMED) if request.method == "POST" else None
            if sealed is not None:
                return _confirmed(request, sealed)
            return self.ask_or_end(parameters)
        except OAuthError as error:
            error.redirectable = False
            return error_page(request, error, event="logout.refused", facts=_facts(error, parameters))

    def ask_or_end(self, parameters: Pairs) -> HttpResponse:
        asked = check_logout_request(parameters)
        if self.request.user.is_authenticated and not _from_this_session(self.request, asked):
            sealed = _sealer().seal(json.dumps(parameters).encode())
            context = {"client": asked.client, "account": self.request.user, "confirmed": sealed}
            return page(self.request, "logout.html", context, redirects_to=asked.post_logout_redirect_uri)
        return _end(self.request, asked)


def _facts(error: OAuthError, parameters: Pairs) -> dict[str, str]:
    """What was sent, shown in DEBUG or to staff."""
    sent = dict(parameters)
    facts = {
        "client_id": error.client_id or sent.get("client_id", ""),
        "post_logout_redirect_uri": sent.get("post_logout_redirect_uri", ""),
    }
    return {name: value[:300] for name, value in facts.items() if value}


@csrf_protect
def _confirmed(request: HttpRequest, sealed: str) -> HttpResponse:
    try:
        parameters = [(name, value) for name, value in json.loads(_sealer().open(sealed))]
    except SealBroken as error:
        raise InvalidRequest("This page is damaged.", redirectable=False, reason="confirmed") from error
    return _end(request, check_logout_request(parameters))


def _from_this_session(request: HttpRequest, asked: LogoutRequest) -> bool:
    if asked.client is None or not asked.hinted_sub:
        return False
    row = sessions.current_row(request)
    same_session = row is not None and asked.hinted_sid == row.sid
    return same_session and request.user.is_authenticated and asked.hinted_sub == subject(request.user, asked.client)


def _end(request: HttpRequest, asked: LogoutRequest) -> HttpResponse:
    """Signs out (`user_logged_out` ends the session's grants) and goes on to where the client asked, or to our page."""
    row = sessions.current_row(request)
    frames = frontchannel_uris(row) if row else []
    if request.user.is_authenticated:
        client_id = asked.client.client_id if asked.client else ""
        audit.record("session.ended", request=request, user_pk=request.user.pk, client_id=client_id)
        logout(request)
    if frames:
        return _frontchannel_page(request, asked, frames)
    if asked.return_uri:
        return see_other(request, HttpResponse(status=302, headers={"Location": asked.return_uri}))
    return page(request, "signed_out.html", {"client": asked.client})


def _frontchannel_page(request: HttpRequest, asked: LogoutRequest, frames: list[str]) -> HttpResponse:
    """Loads each client's address in a frame, then goes on; without scripts, and with a link for impatient people."""
    context = {"client": asked.client, "frames": frames, "return_uri": asked.return_uri}
    response = page(request, "signed_out.html", context, frames=frames)
    if asked.return_uri:
        response["Refresh"] = f"{FRAME_SECONDS}; url={asked.return_uri}"
    return response


def _sealer() -> Sealer:
    return Sealer(provider_settings.secrets, purpose="logout request")
