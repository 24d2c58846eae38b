"""What the endpoints that speak JSON to servers share: methods, errors, headers, a database that is away.

RFC 6749 2.3.1, 3.2, 5.1, 5.2; RFC 6750 3; RFC 6585 4; RFC 9110 15.5.6.
"""

import logging
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from codeflow.core.authorization import single_valued
from codeflow.core.errors import (
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidToken,
    OAuthError,
    ServerError,
    TemporarilyUnavailable,
    TooManyRequests,
)
from codeflow.provider import audit, clients, limits
from codeflow.provider.addresses import client_address, neighbourhood
from codeflow.provider.flow.step6_client_authentication import named_client
from codeflow.provider.models import Client
from codeflow.provider.views.cross_origin import allow_origin, is_preflight, preflight
from codeflow.provider.views.parameters import CONTROLS, Pairs, form_parameters
from codeflow.provider.views.unforeseen import AWAY, DJANGO_ANSWERS, reported
from codeflow.signals import ERROR, REFUSED

log = logging.getLogger("codeflow.provider")


@method_decorator(
    [csrf_exempt, login_not_required, transaction.non_atomic_requests, sensitive_post_parameters()], name="dispatch"
)
class Endpoint(View):
    """Base of the endpoints. Cookies mean nothing here, so CSRF does not either."""

    refused_event = ""
    """The audit event of a refusal; "" where refusals are not recorded."""

    cross_origin = False
    """Whether browser clients may call it from the origins registered for them."""

    http_method_names = ["get", "post", "options"]
    limits_failures = False
    """Whether it takes client secrets, so that wrong ones are counted and those who sent too many wait."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.parameters: dict[str, str] = {}
        self.client_id = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if self.cross_origin and is_preflight(request):
                return preflight(request)
            response = super().dispatch(request, *args, **kwargs)
        except OAuthError as error:
            response = self.refuse(self.counted(error))
        except AWAY as error:
            response = reported(self.refuse(TemporarilyUnavailable(reason="database"), recorded=False), error)
        except DJANGO_ANSWERS:
            raise
        except Exception as error:  # noqa: BLE001  the one place where what nobody foresaw becomes server_error
            response = reported(self.refuse(ServerError(), recorded=False), error)
        if self.cross_origin and "Origin" in request.headers:
            self._allow_origin(response)
        if "Cache-Control" not in response:
            response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"  # RFC 6749 5.1 asks for both
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _allow_origin(self, response: HttpResponseBase) -> None:
        """Without a database nobody's origin is known; the answer stands, unreadable for scripts."""
        try:
            allow_origin(self.request, response, self.asking_client(), named="client_id" in self.parameters)
        except AWAY:
            log.error("The origins could not be read: the database does not answer")

    def asking_client(self) -> Client | None:
        """The client whose origins may read the answer, as far as the request names one."""
        client_id = self.parameters.get("client_id", "")
        known = clients.read_client(client_id) if client_id else None  # read anew: it costs the same whoever is named
        return known.client if known else None

    def form(self) -> dict[str, str]:
        """The form's parameters, each once, all of them in the body (RFC 6749 2.3.1, 3.2). Raises InvalidRequest."""
        if self.request.META.get("QUERY_STRING"):
            raise InvalidRequest("Send the parameters in the body, not in the address.", reason="query")
        pairs: Pairs = form_parameters(self.request)
        if any(CONTROLS.search(name + value) for name, value in pairs):  # RFC 6749 appendix A
            raise InvalidRequest("A parameter holds a control character.", reason="control_character")
        self.parameters = single_valued(pairs, repeatable=frozenset({"resource"}))
        if self.limits_failures:
            self._check_limits()
        return self.parameters

    def _check_limits(self) -> None:
        """Before any secret is looked at, so that a guess over the limit costs nothing. Raises TooManyRequests."""
        self.client_id = named_client(self.request.headers.get("Authorization", ""), self.parameters)
        if wait := limits.seconds_to_wait(*self._failures()[:2]):
            raise TooManyRequests(retry_after=wait, reason="rate_limited")

    def _failures(self) -> list[limits.Counted]:
        """What a wrong secret counts against: its address, the client from there, the client from anywhere."""
        sender = self._sender()
        of_client = [(limits.CLIENT_AT_ADDRESS, f"{self.client_id} {sender}"), (limits.CLIENT, self.client_id)]
        return [(limits.ADDRESS, sender), *(of_client if self.client_id else [])]

    def _sender(self) -> str:
        return neighbourhood(client_address(self.request.META))

    def counted(self, error: OAuthError) -> OAuthError:
        """The error, or 429 in its place where there were too many like it. The right secret, code or token never gets here."""
        wait = 0
        if isinstance(error, InvalidClient) and self.limits_failures:
            wait = limits.note_failure(*self._failures())
        elif isinstance(error, (InvalidGrant, InvalidToken)) and error.reason != "no_token":
            wait = limits.note_failure((limits.GUESS, self._sender()))
        return TooManyRequests(retry_after=wait, reason="rate_limited") if wait else error

    def refuse(self, error: OAuthError, *, recorded: bool = True) -> HttpResponse:
        """The error in the endpoint's own format, recorded."""
        if recorded and self.refused_event:
            self._record(error)
        response = JsonResponse(error.to_parameters(), status=error.status_code)
        if isinstance(error, InvalidClient):
            response["WWW-Authenticate"] = 'Basic realm="client"'  # RFC 6749 5.2
        if isinstance(error, TemporarilyUnavailable):
            response["Retry-After"] = str(error.retry_after)
        return response

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = JsonResponse(InvalidRequest("This method is not allowed here.").to_parameters(), status=405)
        response["Allow"] = ", ".join(name.upper() for name in self.http_method_names if hasattr(self, name))
        return response

    def _record(self, error: OAuthError) -> None:
        try:
            audit.record(
                self.refused_event,
                outcome=ERROR if error.status_code >= 500 else REFUSED,
                request=self.request,
                client_id=error.client_id or self.client_id or self.parameters.get("client_id", ""),
                reason=error.reason or error.error,
            )
        except AWAY:
            log.error("The refusal could not be recorded: the database does not answer")
        if error.detail:
            log.warning("%s: %s (%s)", self.refused_event, error.reason, error.detail)
