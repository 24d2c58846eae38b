"""Bearer authentication for Django REST framework (`pip install django-codeflow[drf]`).

class Orders(APIView):
    authentication_classes = [CodeflowBearer(provider="acme", audience="https://shop.example/api")]
    permission_classes = [TokenHasScope("orders")]
"""

from typing import Any

try:
    from rest_framework.authentication import BaseAuthentication
    from rest_framework.exceptions import APIException
    from rest_framework.permissions import BasePermission
except ImportError as error:  # pragma: no cover  # the tests have it
    raise ImportError("Django REST framework is missing: pip install django-codeflow[drf]") from error

from codeflow.core.errors import InsufficientScope, OAuthError
from codeflow.relying_party.bearer.access_token import AccessToken
from codeflow.relying_party.bearer.scheme import BearerScheme, MissingToken, local_user
from codeflow.relying_party.errors import RETRY_AFTER


class TokenRefused(APIException):
    """The framework makes status, body and WWW-Authenticate of it."""

    def __init__(self, error: OAuthError, scheme: BearerScheme) -> None:
        super().__init__(error.to_parameters(), code=error.error)
        self.status_code = error.status_code
        if error.status_code == 503:
            self.wait = RETRY_AFTER
        else:
            self.auth_header = scheme.challenge(error)


class TokenUser:
    """Somebody who holds a good token and never signed in here; `request.auth` says more."""

    is_authenticated = True
    is_active = True
    is_anonymous = is_staff = is_superuser = False
    pk = id = None

    def __init__(self, token: AccessToken) -> None:
        self.token = token

    def __str__(self) -> str:
        return f"holder of a token of {self.token.provider}"

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return False

    def has_perms(self, permissions: Any, obj: Any = None) -> bool:
        return False


class CodeflowBearer(BaseAuthentication):
    """`request.user` is the local user of the token's subject or a TokenUser, `request.auth` the AccessToken.

    A request without a token is left to the next class.
    """

    def __init__(self, *, provider: str, audience: str, scope: str = "", introspect: bool = False) -> None:
        self.scheme = BearerScheme(provider=provider, audience=audience, scope=scope, introspect=introspect)

    def __call__(self) -> "CodeflowBearer":
        """The framework calls what stands in `authentication_classes`: an instance stands for itself."""
        return self

    def authenticate(self, request: Any) -> tuple[Any, AccessToken] | None:
        try:
            token = self.scheme.access_token(request._request)
            return local_user(token) or TokenUser(token), token
        except MissingToken:
            return None
        except OAuthError as error:
            raise TokenRefused(error, self.scheme) from error

    def authenticate_header(self, request: Any) -> str:
        return self.scheme.challenge()


class TokenHasScope(BasePermission):
    """For single views behind one authentication class: `TokenHasScope("orders.write")`."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def __call__(self) -> "TokenHasScope":
        return self

    def has_permission(self, request: Any, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, AccessToken):
            return False
        if not token.has_scope(self.scope):
            scheme = request.successful_authenticator.scheme
            wanted = BearerScheme(provider=scheme.provider, audience=scheme.audience, scope=self.scope)
            raise TokenRefused(InsufficientScope(), wanted)
        return True
