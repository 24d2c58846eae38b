"""The userinfo endpoint (OIDC Core 5.3; RFC 6750)."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from oauth2_provider.views import UserInfoView as ToolkitUserInfoView

from codeflow.core import jose
from codeflow.core.errors import OAuthError
from codeflow.provider.claims import subject, userinfo_claims
from codeflow.provider.conf import provider_settings
from codeflow.provider.keys import signing_key
from codeflow.provider.models import AccessToken, Client
from codeflow.provider.views.bearer import refusal, require_access_token
from codeflow.provider.views.endpoint import Endpoint


class UserInfoView(Endpoint, ToolkitUserInfoView):
    """By GET or POST, the token in the header or in the form's body (OIDC Core 5.3.1)."""

    cross_origin = True
    token: AccessToken | None = None

    def asking_client(self) -> Client | None:
        return self.token.application if self.token else None

    def create_userinfo_response(self, request: HttpRequest) -> tuple[str, dict[str, str], str, int]:
        self.token = token = require_access_token(request, "openid")
        claims = {
            "sub": subject(token.user, token.application),
            **userinfo_claims(token.user, token.scope.split(), token.claims),
        }
        if alg := token.application.userinfo_signed_response_alg:
            return "", {"Content-Type": "application/jwt"}, signed(claims, token.application.client_id, alg), 200
        return "", {"Content-Type": "application/json"}, json.dumps(claims), 200

    def refuse(self, error: OAuthError, *, recorded: bool = True) -> HttpResponse:
        return refusal(error, "openid")


def signed(claims: dict[str, Any], client_id: str, alg: str) -> str:
    """The claims as a JWT for a client that registered userinfo_signed_response_alg (OIDC Core 5.3.2)."""
    key = signing_key(alg)
    claims = {"iss": provider_settings.issuer, "aud": client_id, **claims}
    return jose.sign(claims, key.private_key, alg=key.alg, kid=key.kid)
