"""What nobody foresaw, and a database that is away: one page, one line in the log, and no report that carries the request.

CWE-209, CWE-532. Django's own report of a 500, on its debug page or by mail, shows parameters and variables: a code, a token, a password.
"""

import logging
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.utils.log import log_response

from codeflow.core.errors import ServerError, TemporarilyUnavailable
from codeflow.provider.views.error_page import error_page
from codeflow.provider.views.pages import page

log = logging.getLogger("codeflow.provider")

DJANGO_ANSWERS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)
"""400, 403 and 404: nothing is wrong here."""

AWAY = (OperationalError, InterfaceError)

Answer = TypeVar("Answer", bound=HttpResponse)


def reported(response: Answer, error: Exception) -> Answer:
    """Logs `error` as text, without frames and request, and so that Django adds no report of its own to this answer."""
    log_response("%s", text_of(error), response=response, logger=log, level="error")
    return response


def text_of(error: Exception) -> str:
    if isinstance(error, AWAY):
        return f"The database does not answer: {type(error).__name__}"
    return f"Unforeseen: {''.join(traceback.format_exception(error))}"


def page_of(request: HttpRequest, error: Exception, event: str) -> HttpResponseBase:
    """503 where the database is away, else 500 with a support code."""
    if isinstance(error, AWAY):
        away = TemporarilyUnavailable()
        response = page(request, "unavailable.html", {"error": away}, status=away.status_code)
        response["Retry-After"] = str(away.retry_after)
        return reported(response, error)
    return reported(error_page(request, ServerError(redirectable=False), event=event), error)


def foreseen(event: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorates `dispatch`: whatever it raises becomes a page of ours."""

    def decorate(dispatch: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(dispatch)
        def guarded(view: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return dispatch(view, request, *args, **kwargs)
            except DJANGO_ANSWERS:
                raise
            except Exception as error:  # noqa: BLE001  the one place where it becomes a page
                return page_of(request, error, event)

        return guarded

    return decorate
