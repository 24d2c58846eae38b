"""The provider's pages: how they are rendered and which headers they carry.

RFC 6749 10.13; RFC 9700 4.2.4, 4.16; CSP Level 3. `form-action` names the redirect's origin too: browsers apply it to the redirect
that answers a form, and would silently stop the person on their way back to the client.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static

from codeflow.core.uris import origin_of


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    redirects_to: str = "",
    frames: Iterable[str] = (),
    scripts: bool = False,
) -> HttpResponse:
    """Renders codeflow/provider/`template`. A form on it may end at `redirects_to`; it may frame `frames`; `scripts` lets
    it load our own.
    """
    response = render(request, f"codeflow/provider/{template}", context, status=status)
    harden(response, redirects_to=redirects_to, frames=frames, scripts=scripts)
    return response


def harden(
    response: HttpResponse, *, redirects_to: str = "", frames: Iterable[str] = (), scripts: bool = False
) -> None:
    """The security headers of every page."""
    response["Content-Security-Policy"] = content_security_policy(redirects_to, frames, scripts=scripts)
    response["X-Frame-Options"] = "DENY"
    response["Referrer-Policy"] = "same-origin"  # no-referrer would make browsers send Origin: null, which fails CSRF
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"


def content_security_policy(redirects_to: str = "", frames: Iterable[str] = (), *, scripts: bool = False) -> str:
    """Nothing but what the page needs."""
    own = " ".join(filter(None, ["'self'", origin_of(static("codeflow/provider.css"))]))
    directives = {
        "default-src": "'none'",
        "style-src": own,
        "script-src": own if scripts else "",
        "img-src": "'self'",
        "frame-src": " ".join(sorted({origin_of(uri) for uri in frames})),
        "form-action": " ".join(filter(None, ["'self'", _form_action_source(redirects_to)])),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items() if sources)


def see_other(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A redirect that nothing posted travels along with: 303 after a POST (RFC 9700 4.12), and no Referer (4.2.4)."""
    if request.method == "POST":
        response.status_code = 303
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _form_action_source(uri: str) -> str:
    if not uri:
        return ""
    scheme = urlsplit(uri).scheme
    return origin_of(uri) if scheme in ("http", "https") else f"{scheme}:"
