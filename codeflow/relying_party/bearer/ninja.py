"""Bearer authentication for Django Ninja (`pip install django-codeflow[ninja]`).

api = NinjaAPI(auth=CodeflowBearer(provider="acme", audience="https://shop.example/api"))
add_challenges(api)

@api.get("/orders", auth=CodeflowBearer(provider="acme", audience="https://shop.example/api", scope="orders"))
def orders(request):
    return {"for": request.auth.sub}
"""

from typing import Any

try:
    from ninja import NinjaAPI
    from ninja.errors import HttpError
    from ninja.security import HttpBearer
except ImportError as error:  # pragma: no cover  # the tests have it
    raise ImportError("Django Ninja is missing: pip install django-codeflow[ninja]") from error

from django.http import HttpRequest, HttpResponse

from codeflow.core.errors import OAuthError
from codeflow.relying_party.bearer.access_token import AccessToken
from codeflow.relying_party.bearer.required import refusal
from codeflow.relying_party.bearer.scheme import BearerScheme, local_user


class TokenRefused(HttpError):
    """Without `add_challenges` the framework answers it with status and description alone."""

    def __init__(self, error: OAuthError, scheme: BearerScheme) -> None:
        super().__init__(error.status_code, error.description)
        self.error, self.scheme = error, scheme


class CodeflowBearer(HttpBearer):
    """`request.auth` is the AccessToken; `request.user` the local user of its subject, where there is one."""

    def __init__(self, *, provider: str, audience: str, scope: str = "", introspect: bool = False) -> None:
        super().__init__()
        self.scheme = BearerScheme(provider=provider, audience=audience, scope=scope, introspect=introspect)

    def __call__(self, request: HttpRequest) -> AccessToken:
        return self.authenticate(request, "")

    def authenticate(self, request: HttpRequest, token: str) -> AccessToken:
        """The token is read from the request anew, by the rules that all frameworks share."""
        try:
            found = self.scheme.access_token(request)
            user = local_user(found)
        except OAuthError as error:
            raise TokenRefused(error, self.scheme) from error
        if user is not None:
            request.user = user
        return found


def add_challenges(api: NinjaAPI) -> None:
    """Refusals of `api` carry WWW-Authenticate (RFC 6750 3)."""

    def answer(request: HttpRequest, error: Any) -> HttpResponse:
        return refusal(error.error, error.scheme)

    api.add_exception_handler(TokenRefused, answer)
