"""The switchboard between oauthlib and the steps: each method calls one.

DOT's class has 62 methods for grants and storage that do not exist here. Those below are what our server's endpoints and DOT's
protected-resource views call.
"""

from collections.abc import Iterable
from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from codeflow.core.errors import OAuthError
from codeflow.provider import audit
from codeflow.provider.addresses import client_address
from codeflow.provider.flow import resource_access, revoke
from codeflow.provider.flow.step6_client_authentication import AuthenticatedClient, authenticate_client


class Validator(OAuth2Validator):
    def authenticated(self, request: Request) -> AuthenticatedClient:
        """The client of a token, revocation or introspection request. Raises OAuthError."""
        authenticated = authenticate_client(request.headers.get("Authorization", ""), form_of(request))
        request.client = authenticated.client
        return authenticated

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        return True  # a public client is recognised by the same function

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        self.authenticated(request)
        return True

    def revoke_token(self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any) -> None:
        if revoke.revoke_token(token, request.client):
            audit.record("token.revoked", address=client_address(request.headers), client_id=request.client.client_id)

    def validate_bearer_token(self, token: str, scopes: Iterable[str], request: Request) -> bool:
        try:
            row = resource_access.check_access_token(
                token or "", uri=request.uri.split("?")[0], scopes=list(scopes or [])
            )
        except OAuthError as error:
            request.oauth2_error = error.to_parameters()
            return False
        request.access_token, request.client, request.user = row, row.application, row.user
        request.scopes = row.scope.split()
        return True


def form_of(request: Request) -> dict[str, str]:
    """The form's parameters; those without a value count as left out (RFC 6749 3.2)."""
    return {name: value for name, value in request.decoded_body or [] if value}
