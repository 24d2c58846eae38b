"""What every page of this role has in common: how it guards itself, and how it says that something failed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from codeflow.relying_party import addresses, signals
from codeflow.relying_party.conf import conf
from codeflow.relying_party.error_words import developer_words
from codeflow.relying_party.errors import RETRY_AFTER, RelyingPartyError

View = Callable[..., HttpResponse]

PAGES = {
    "A": "cancelled.html",
    "B": "transaction_invalid.html",
    "C": "provider_untrusted.html",
    "D": "provider_unavailable.html",
    "E": "not_allowed.html",
}


class SeeOther(HttpResponseRedirect):
    """The next request is a GET, whatever this one was (RFC 9700 4.12)."""

    status_code = 303


def own_page(view: View) -> View:
    """Open to people who are not signed in, never cached, never framed, its address never told to other sites."""

    @login_not_required
    @non_atomic_requests  # no transaction waits for another server's answer
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if not getattr(response, "xframe_options_exempt", False):
            response.headers.setdefault("X-Frame-Options", "DENY")
        return response

    return guarded


def failed(
    request: HttpRequest,
    error: RelyingPartyError,
    provider: str,
    next_url: str,
    *,
    step: int,
    values: dict[str, str] | None = None,
) -> HttpResponse:
    """The page for an outcome, its reference in the log; details only for developers."""
    reference = signals.announce_failure(
        "login_failed", error, request=request, provider=provider, step=step, values=values
    )
    context = {
        "reference": reference,
        "restart_url": addresses.login_url(provider),
        "next_url": next_url,
        "provider": conf.label(provider),
        "accounts_url": addresses.accounts_path() if error.outcome == "E" and conf.may_link(provider) else "",
        "error_code": error.code,
        "error": error if settings.DEBUG else None,
        "developer": developer_words(request, error, provider) if settings.DEBUG else None,
    }
    page = f"codeflow/relying_party/{PAGES[error.outcome]}"
    response = render(request, page, context, status=error.status_code)
    if error.status_code == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def not_started(request: HttpRequest, error: RelyingPartyError) -> HttpResponse:
    """For a link of another site that this one will not follow: no page of ours is behind it."""
    context = {"reference": signals.announce_failure("login_failed", error, request=request, step=1)}
    return render(request, "codeflow/relying_party/not_started.html", context, status=400)


def known_or_404(provider: str) -> None:
    if provider not in conf.provider_names:
        raise Http404(f"no provider {provider!r}")
