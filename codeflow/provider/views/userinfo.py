"""The userinfo endpoint (OIDC Core 5.3; RFC 6750)."""

import json

from django.http import HttpRequest, HttpResponse
from oauth2_provider.views import UserInfoView as ToolkitUserInfoView

from codeflow.core.errors import OAuthError
from codeflow.provider.claims import subject, userinfo_claims
from codeflow.provider.views.bearer import refusal, require_access_token
from codeflow.provider.views.endpoint import Endpoint


class UserInfoView(Endpoint, ToolkitUserInfoView):
    """By GET or POST, the token in the header or in the form's body (OIDC Core 5.3.1)."""

    def create_userinfo_response(self, request: HttpRequest) -> tuple[str, dict[str, str], str, int]:
        token = require_access_token(request, "openid")
        claims = {"sub": subject(token.user, token.application), **userinfo_claims(token.user, token.scope.split())}
        return "", {"Content-Type": "application/json"}, json.dumps(claims), 200

    def refuse(self, error: OAuthError, *, recorded: bool = True) -> HttpResponse:
        return refusal(error, "openid")
