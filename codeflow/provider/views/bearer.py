"""Access tokens in requests, and the challenges that answer bad ones.

RFC 6750 2, 3, 3.1; RFC 9110 5.3.
"""

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError

from codeflow.core.errors import InsufficientScope, InvalidRequest, InvalidToken, OAuthError, TemporarilyUnavailable
from codeflow.provider.flow.resource_access import bearer_token, check_access_token
from codeflow.provider.models import AccessToken
from codeflow.provider.views.parameters import FORM


class MissingToken(InvalidToken):
    """The request carried no token at all: its challenge names no error (RFC 6750 3.1)."""

    default_description = "An access token is needed."


def require_access_token(request: HttpRequest, *scopes: str) -> AccessToken:
    """The live token of the request, covering `scopes`. Raises InvalidRequest, InvalidToken or InsufficientScope."""
    if "access_token" in request.GET:
        raise InvalidRequest(
            "Send the access token in the Authorization header.", reason="token_in_query"
        )  # RFC 6750 5.3
    authorization = request.headers.get("Authorization", "")
    if "," in authorization:
        raise InvalidRequest("Send one Authorization header.", reason="two_headers")
    token = bearer_token(authorization, _body_token(request))
    if not token:
        raise MissingToken(reason="no_token")
    return check_access_token(token, uri=request.build_absolute_uri(request.path), scopes=scopes)


def refusal(error: OAuthError, *scopes: str) -> HttpResponse:
    """The error as JSON with its Bearer challenge."""
    response = JsonResponse(error.to_parameters(), status=error.status_code)
    if error.status_code in (400, 401, 403):
        response["WWW-Authenticate"] = _challenge(error, *scopes)
    if isinstance(error, TemporarilyUnavailable):
        response["Retry-After"] = str(error.retry_after)
    response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"
    return response


def _challenge(error: OAuthError, *scopes: str) -> str:
    members = {} if isinstance(error, MissingToken) else error.to_parameters()
    if isinstance(error, InsufficientScope) and scopes:
        members["scope"] = " ".join(scopes)
    parts = ", ".join(f'{name}="{value}"' for name, value in members.items())
    return f"Bearer {parts}".strip()


def _body_token(request: HttpRequest) -> str | None:
    """The form's access_token (RFC 6750 2.2); what else the form holds is the API's business."""
    if request.method != "POST" or request.content_type != FORM:
        return None
    try:
        tokens = request.POST.getlist("access_token")
    except (SuspiciousOperation, BadRequest, UnreadablePostError) as error:
        raise InvalidRequest("The request's body cannot be read.", reason="unreadable_body") from error
    if len(tokens) > 1:
        raise InvalidRequest("access_token is given more than once.", reason="repeated")
    return tokens[0] if tokens else None
