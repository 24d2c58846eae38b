"""The client's pages: a landing page, notes that need sign-in, and the account it made from the ID token."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from codeflow.relying_party import oidc_required
from codeflow.relying_party.signout import sign_out
from demo_site.launch.people import PEOPLE
from demo_site.trace.lab.sentences import STEPS
from demo_site.trace.middleware import CLIENT_COOKIE, STEP_COOKIE
from demo_site.trace.models import Run


def landing(request: HttpRequest) -> HttpResponse:
    """Two roles as two origins, the seven steps, one button."""
    context = {
        "steps": STEPS,
        "people": PEOPLE,
        "runs": Run.objects.filter(scenario="login")[:5],
        "stepping": STEP_COOKIE in request.COOKIES,
    }
    return render(request, "client/landing.html", context)


@require_POST
def open_notes(request: HttpRequest) -> HttpResponse:
    """The one button: keeps how to go (straight through, or stop at every step), and asks for the notes."""
    if "fresh" in request.POST:
        sign_out(request, everywhere=False)
    response = HttpResponseRedirect(reverse("notes"))
    response.status_code = 303
    if request.POST.get("mode") == "steps":
        response.set_cookie(STEP_COOKIE, "1", httponly=True, samesite="Lax")
    else:
        response.delete_cookie(STEP_COOKIE, samesite="Lax")
    return response


@oidc_required("demo")  # type: ignore[untyped-decorator]  # it takes views of any kind
def notes(request: Any) -> HttpResponse:
    """Step 7: the person's notes, fetched from the server's API with the access token that stays on this server."""
    answer = request.oidc.api("notes").get("notes/")
    found = answer.json()["notes"] if answer.ok else []
    context = {"notes": found, "status": answer.status_code, "ok": answer.ok, "run_id": _run_of(request)}
    return render(request, "client/notes.html", context)


@oidc_required("demo")  # type: ignore[untyped-decorator]  # it takes views of any kind
def account(request: Any) -> HttpResponse:
    """Who is signed in here, and by whom that was said."""
    return render(request, "client/account.html", {"oidc": request.oidc, "run_id": _run_of(request)})


def _run_of(request: HttpRequest) -> uuid.UUID | None:
    """The run of this browser, for the link below the page."""
    try:
        run_id = uuid.UUID(hex=request.COOKIES.get(CLIENT_COOKIE, ""))
    except ValueError:
        return None
    return run_id if Run.objects.filter(pk=run_id).exists() else None
