"""`oidc_required`: only people who signed in through a provider, recently, strongly and with scope enough."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest

from codeflow.relying_party.errors import ReauthRequired
from codeflow.relying_party.sessions import OidcSession, oidc_session

View = Callable[..., Any]


def oidc_required(provider: View | str = "", *, max_age: int | None = None, acr: str = "", scope: str = "") -> Any:
    """For views. `provider` "" takes any; `max_age` in seconds since authentication; `acr` and `scope` space-separated.

    Where something is missing the person is sent to sign in again; the demand goes along, and the answer must prove it.
    """
    if callable(provider):
        return oidc_required()(provider)

    def decorate(view: View) -> View:
        def check(request: HttpRequest) -> None:
            _check(oidc_session(request), str(provider), max_age, acr, scope)

        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                await sync_to_async(check)(request)
                return await view(request, *args, **kwargs)

            return guarded_async

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            check(request)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _check(session: OidcSession, provider: str, max_age: int | None, acr: str, scope: str) -> None:
    missing = _missing(session, provider, max_age, acr, scope)
    if missing:
        wanted = provider or session.provider
        raise ReauthRequired(f"required.{missing}", provider=wanted, max_age=max_age, acr=acr, scope=scope)


def _missing(session: OidcSession, provider: str, max_age: int | None, acr: str, scope: str) -> str:
    if not session or (provider and session.provider != provider):
        return "login"
    if max_age is not None and not session.is_fresh(max_age):
        return "max_age"
    if acr and session.acr not in acr.split():
        return "acr"
    if not session.scopes.issuperset(scope.split()):
        return "scope"
    return ""
