"""The runs, and one run. Nothing here is cached, and nothing asks anybody but the trace's database."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from demo_site.trace.lab import round_trip, secrets_seen
from demo_site.trace.models import Run


@never_cache
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """The runs that are kept, newest first."""
    return render(request, "lab/runs.html", {"runs": Run.objects.all()[:100]})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """One run; after POST ("show") with its tokens in full, never with the client secret or the verifier."""
    found = get_object_or_404(Run, pk=run_id)
    shown = secrets_seen.tokens_in_full(found) if request.method == "POST" else []
    context = {
        "run": found,
        "verdict": round_trip.verdict(found),
        "figures": round_trip.figures(found),
        "sections": round_trip.sections(found),
        "checks": round_trip.checks(found),
        "who_saw_what": secrets_seen.who_saw_what(found),
        "id_token": secrets_seen.id_token(found),
        "shown": shown,
        "steps": round_trip.STEPS,
    }
    return render(request, "lab/run.html", context)
