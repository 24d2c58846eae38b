"""The token endpoint: step 6 over HTTP.

RFC 6749 3.2, 4.1.3, 4.1.4, 5, 6; OIDC Core 3.1.3.
"""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from oauth2_provider.views import TokenView as ToolkitTokenView

from codeflow.core.errors import InvalidGrant, TooManyRequests
from codeflow.provider.views.endpoint import Endpoint


class TokenView(Endpoint, ToolkitTokenView):
    http_method_names = ["post", "options"]
    refused_event = "token.refused"
    limits_failures = True
    cross_origin = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form()
        _url, headers, body, status = self.create_token_response(request)
        if status == 400 and json.loads(body)["error"] == InvalidGrant.error:  # recorded already, with its transaction
            too_many = self.counted(InvalidGrant())
            if isinstance(too_many, TooManyRequests):
                return self.refuse(too_many, recorded=False)
        return HttpResponse(body, status=status, headers=headers | {"Content-Type": "application/json"})
