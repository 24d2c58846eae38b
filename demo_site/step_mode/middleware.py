"""In step mode a redirect becomes a page with the same address as a link, and the token request waits for a click.

Outside the observer's middleware: what is recorded is the redirect that the site answered with. The run says whether it
stops, so both sites do. A link is followed under other rules than a redirect (CSP, SameSite), so tests of redirects go
straight through.
"""

import contextlib
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.urls import reverse

from codeflow.core.uris import origin_of
from codeflow.relying_party.errors import RelyingPartyError
from codeflow.relying_party.flow.step1_authorization_request import PendingLogin
from demo_site import environment
from demo_site.step_mode import token_request
from demo_site.step_mode.parameters import explained
from demo_site.trace import steps
from demo_site.trace.lab.sentences import PARTIES, STEPS, of
from demo_site.trace.middleware import RUN, STEP_COOKIE
from demo_site.trace.models import Run

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class StepModeMiddleware:
    """Outermost of all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.party = "client" if settings.DEMO_ROLE == "relying_party" else "server"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.party == "client" and STEP_COOKIE in request.COOKIES and "/callback/" in request.path:
            pending = token_request.about_to_be_sent(request)
            with contextlib.suppress(RelyingPartyError):  # the callback itself says what is wrong
                if pending is not None:
                    return before_token_request(request, pending)
        response = self.get_response(request)
        if response.status_code in REDIRECTS and _stops(request.META.get(RUN)):
            return in_place_of(request, response, self.party)
        return response


def _stops(run_id: uuid.UUID | None) -> bool:
    return run_id is not None and Run.objects.filter(pk=run_id, step_mode=True).exists()


def in_place_of(request: HttpRequest, response: HttpResponse, party: str) -> HttpResponse:
    """The page that stands for a redirect; the redirect's cookies come with it."""
    target = urljoin(request.build_absolute_uri(), response.headers["Location"])
    step, summary_id = steps.of_response(request, response, party)
    parts = urlsplit(target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    sentence = of(summary_id)
    context = {
        "step": step,
        "steps": STEPS,
        "party": PARTIES[party],
        "status": response.status_code,
        "sentence": sentence,
        "target": target,
        "address": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        "parameters": explained(pairs),
        "holds_code": "code" in dict(pairs),
        "run_url": _run_url(request.META[RUN]),
        "start_again": f"{environment.addresses().client}/",
    }
    page = _page(request, "step_mode/redirect.html", context, form_target=origin_of(target))
    page.cookies.update(response.cookies)
    return page


def before_token_request(request: HttpRequest, pending: PendingLogin) -> HttpResponse:
    """Step 4 has arrived, step 5 is about to leave."""
    context = {
        "step": 5,
        "steps": STEPS,
        "endpoint": token_request.endpoint_of(pending),
        "parameters": token_request.parameters_of(pending, request.GET["code"]),
        "editable": token_request.EDITABLE,
        "callback": request.get_full_path(),
        "action": reverse("before_token_request"),
        "start_again": f"{environment.addresses().client}/",
    }
    return _page(request, "step_mode/token_request.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, form_target: str = "") -> HttpResponse:
    """With the headers that the middleware inside would have set, and the cookie for its forms."""
    page = render(request, template, context)
    page.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {form_target}".rstrip()
    )
    page.headers["Cache-Control"] = "no-store"
    page.headers["Referrer-Policy"] = "same-origin"
    page.headers["X-Content-Type-Options"] = "nosniff"
    CsrfViewMiddleware(lambda _: page).process_response(request, page)
    return page


def _run_url(run_id: uuid.UUID) -> str:
    return f"{environment.addresses().client}/lab/runs/{run_id}/"
