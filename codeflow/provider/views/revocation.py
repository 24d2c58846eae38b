"""The revocation endpoint (RFC 7009 2)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from oauth2_provider.views import RevokeTokenView

from codeflow.core.errors import InvalidRequest
from codeflow.provider.views.endpoint import Endpoint


class RevocationView(Endpoint, RevokeTokenView):
    http_method_names = ["post", "options"]
    refused_event = "revocation.refused"
    limits_failures = True
    cross_origin = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "token" not in self.form():
            raise InvalidRequest("token is missing.", reason="token_missing")  # RFC 7009 2.2.1
        _url, headers, body, status = self.create_revocation_response(request)
        response = HttpResponse(body, status=status, headers=headers)
        if not body:
            del response["Content-Type"]  # nothing has no media type
        return response
