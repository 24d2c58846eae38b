"""The token endpoint: step 6 over HTTP.

RFC 6749 3.2, 4.1.3, 4.1.4, 5, 6; OIDC Core 3.1.3.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from oauth2_provider.views import TokenView as ToolkitTokenView

from codeflow.provider.views.endpoint import Endpoint


class TokenView(Endpoint, ToolkitTokenView):
    http_method_names = ["post", "options"]
    refused_event = "token.refused"
    cross_origin = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form()
        _url, headers, body, status = self.create_token_response(request)
        return HttpResponse(body, status=status, headers=headers | {"Content-Type": "application/json"})
