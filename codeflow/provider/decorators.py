"""Protect a view of the provider's own site with access tokens.

@bearer_required("notes.read")
def notes(request):
    return JsonResponse({"notes": list(request.user.notes.values("title"))})
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from codeflow.core.errors import OAuthError, TemporarilyUnavailable
from codeflow.provider.views.bearer import refusal, require_access_token

log = logging.getLogger("codeflow.provider")

View = Callable[..., HttpResponseBase]


def bearer_required(*scopes: str) -> Callable[[View], View]:
    """The view runs with `request.user` the token's user and `request.access_token` its row; cookies mean nothing.

    Without a live token that covers all of `scopes` the answer is 401 or 403 with an RFC 6750 challenge.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                token = require_access_token(request, *scopes)
            except OAuthError as error:
                return refusal(error, *scopes)
            except (OperationalError, InterfaceError):
                log.exception("The database does not answer")
                return refusal(TemporarilyUnavailable(reason="database"))
            request.user = token.user
            request.access_token = token  # type: ignore[attr-defined]  # documented above
            return view(request, *args, **kwargs)

        return csrf_exempt(login_not_required(protected))

    return decorate
