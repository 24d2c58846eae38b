"""Explain, glossary, clock. Explain sends nothing and keeps nothing; the clock makes one real sign-in."""

import contextlib
import json

import requests
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from demo_site.attacks.user_agent import Unexpected
from demo_site.learn import clock as clocks
from demo_site.learn.glossary import WORDS
from demo_site.learn.judging import judge
from demo_site.learn.pasted import AUTHORIZATION, CALLBACK, JWT, TOKEN_REQUEST, UNKNOWN, read
from demo_site.step_mode.parameters import explained
from demo_site.trace.lab.sentences import PARTIES


@sensitive_post_parameters("pasted")
@sensitive_variables("text", "pasted")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def explain(request: HttpRequest) -> HttpResponse:
    """Paste an authorization request, a callback, a token request or a JWT; by POST, so that it stays out of addresses."""
    text = request.POST.get("pasted", "").strip()
    if not text:
        return render(request, "learn/explain.html")
    pasted = read(text)
    context = {
        "pasted": pasted,
        "kind": _kinds()[pasted.kind],
        "parameters": explained(pasted.shown()),
        "findings": [(PARTIES[refuser], words) for refuser, words in judge(pasted)],
        "parts": [(name, json.dumps(part, indent=2)) for name, part in _parts(pasted.header, pasted.claims)],
        "known": pasted.kind != UNKNOWN,
    }
    return render(request, "learn/explain.html", context)


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "learn/glossary.html", {"words": WORDS})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def clock(request: HttpRequest) -> HttpResponse:
    """How far two clocks may differ, tried with a real sign-in."""
    context: dict[str, object] = {"most": clocks.MOST, "skew": 90}
    if request.method == "POST":
        with contextlib.suppress(ValueError):
            context["skew"] = int(request.POST.get("skew", "0"))
        try:
            context["outcome"] = clocks.sign_in(int(str(context["skew"])))
        except (Unexpected, requests.RequestException) as error:
            context["trouble"] = type(error).__name__
    return render(request, "learn/clock.html", context)


def _kinds() -> dict[str, str]:
    return {
        AUTHORIZATION: _("An authorization request: step 1, through the browser."),
        CALLBACK: _("A callback: steps 3 and 4, through the browser."),
        TOKEN_REQUEST: _("A token request: step 5, from server to server."),
        JWT: _("A JWT: whoever holds it can read it; only the signature makes it worth something."),
        UNKNOWN: _("This is none of the flow's messages."),
    }


def _parts(header: object, claims: object) -> list[tuple[str, object]]:
    return [(_("Header"), header), (_("Claims"), claims)] if header else []
