"""The introspection endpoint (RFC 7662 2)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import IntrospectTokenView

from codeflow.core.errors import InvalidClient, InvalidRequest, InvalidToken, TooManyRequests
from codeflow.provider.flow.introspection import introspect
from codeflow.provider.flow.step6_client_authentication import authenticate_client, note_use
from codeflow.provider.views.endpoint import Endpoint


class IntrospectionView(Endpoint, IntrospectTokenView):
    http_method_names = ["post", "options"]
    refused_event = "introspection.refused"
    limits_failures = True

    def authenticate_client(self, request: HttpRequest) -> bool:
        """DOT asks before it looks at method and form; `post` does it afterwards, and once."""
        return True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form()
        authenticated = authenticate_client(request.headers.get("Authorization", ""), form)
        if authenticated.client.is_public:
            raise InvalidClient(reason="public_client")  # RFC 7662 2.1: the caller must be authorized
        note_use(authenticated)
        if "token" not in form:
            raise InvalidRequest("token is missing.", reason="token_missing")
        answer = introspect(form["token"], authenticated.client)
        if not answer["active"]:
            too_many = self.counted(InvalidToken(reason="inactive"))
            if isinstance(too_many, TooManyRequests):  # RFC 7662 4: a token cannot be searched for
                raise too_many
        return JsonResponse(answer)
