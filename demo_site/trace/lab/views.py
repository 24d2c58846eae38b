"""The runs, and one run. Nothing here is cached; apart from the buttons, nothing asks anybody but the trace's database."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from codeflow.relying_party.errors import RelyingPartyError
from demo_site.trace.lab import actions, database, exports, id_token, round_trip, secrets_seen
from demo_site.trace.lab.sentences import PARTIES
from demo_site.trace.models import Event, Run

STILL_COMING = timedelta(seconds=4)
"""After its end a run still gets the page that the browser was sent to."""


@never_cache
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """The runs that are kept, newest first."""
    return render(request, "lab/runs.html", {"runs": Run.objects.all()[:200]})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """One run; after POST ("show") with its tokens in full, never with the client secret or the verifier."""
    found = get_object_or_404(Run, pk=run_id)
    asked = request.method == "POST"
    context = {
        **_told(found),
        "checks": round_trip.checks(found),
        "who_saw_what": secrets_seen.who_saw_what(found),
        "id_token": id_token.shown(found, in_full=asked),
        "parts": id_token.PARTS,
        "refuser": PARTIES.get(found.expected_refuser, ""),
        "predicted": PARTIES.get(found.prediction, ""),
        "rows": database.held_by_server(found),
        "shown": secrets_seen.tokens_in_full(found) if asked else [],
        "can_act": actions.is_signed_in_by(request.oidc, found),  # type: ignore[attr-defined]  # RelyingPartyMiddleware
    }
    return render(request, "lab/run.html", context)


@never_cache
@require_safe
def events(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The part of the run page that grows, as HTML; 204 where nothing came after the event `after`."""
    found = get_object_or_404(Run, pk=run_id)
    told = _told(found)
    if request.GET.get("after") == str(told["last"]) and told["is_live"]:
        return HttpResponse(status=204)
    return render(request, "lab/live.html", told)


@require_POST
def act(request: HttpRequest, run_id: uuid.UUID, name: str) -> HttpResponse:
    """One of the buttons; what came of it stands on the run page."""
    found = get_object_or_404(Run, pk=run_id)
    if name in actions.ACTIONS:
        try:
            told = actions.perform(name, request.oidc, found)  # type: ignore[attr-defined]  # RelyingPartyMiddleware
        except actions.NotHere as refusal:
            told = str(refusal)
        messages.info(request, told)
    return _back(found)


@require_POST
def change_one_letter(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The client checks the ID token again, one letter of it changed."""
    found = get_object_or_404(Run, pk=run_id)
    try:
        accepted = id_token.change_one_letter(found, request.POST.get("part", ""))
    except RelyingPartyError:
        messages.info(request, _("The server did not answer. Is it running?"))
        return _back(found)
    told = _("Accepted?! That must not happen.") if accepted else _("Refused by the client. The checks are in the run.")
    messages.info(request, told)
    return _back(found)


@never_cache
@require_safe
def har(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Run, pk=run_id)
    answer = JsonResponse(exports.har(found), json_dumps_params={"indent": 1})
    answer.headers["Content-Disposition"] = f'attachment; filename="run-{found.code}.har"'
    return answer


@never_cache
@require_safe
def curl(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    return HttpResponse(exports.curl(get_object_or_404(Run, pk=run_id)), content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def diagram(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Run, pk=run_id)
    rows = [row for section in round_trip.sections(found) for row in section.rows]
    answer = HttpResponse(exports.diagram(rows), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="run-{found.code}.txt"'
    return answer


def _told(found: Run) -> dict[str, Any]:
    """What the growing part shows."""
    sections = round_trip.sections(found)
    is_over = found.ended_at is not None and timezone.now() - found.ended_at > STILL_COMING
    return {
        "run": found,
        "verdict": round_trip.verdict(found),
        "figures": round_trip.figures(found),
        "sections": sections,
        "reached": max((row.step for section in sections for row in section.rows), default=0),
        "last": Event.objects.filter(run=found).count(),
        "is_live": not is_over and timezone.now() - found.started_at < round_trip.ABANDONED_AFTER,
    }


def _back(found: Run) -> HttpResponse:
    response = HttpResponseRedirect(reverse("lab_run", args=[found.pk]))
    response.status_code = 303
    return response
