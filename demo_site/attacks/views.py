"""The attacks' pages: the list with its score, one attack (predict, run, verdict, why), and the implicit flow in contrast."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from demo_site import environment
from demo_site.attacks import runner, score
from demo_site.attacks.attack import REFUSERS, Attack, Text
from demo_site.attacks.table import ATTACKS, EVERYTHING
from demo_site.trace.lab.sentences import PARTIES

NAMES = {**PARTIES, "nobody": _("Nobody")}
WORLDS = ("codeflow", "twin")


@never_cache
@require_safe
def attacks(request: HttpRequest) -> HttpResponse:
    """All of them, with what came of those that were run."""
    context = {"rows": [(one, score.of(one)) for one in EVERYTHING], "total": len(ATTACKS), "score": score.total()}
    return render(request, "attacks/attacks.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attack(request: HttpRequest, slug: str) -> HttpResponse:
    """One attack; POST runs it in the world that the pressed button names, and shows what was answered."""
    found = next((one for one in EVERYTHING if one.slug == slug), None)
    if found is None:
        raise Http404
    context = _page_of(found)
    if request.method == "POST":
        world = request.POST.get("world", "codeflow")
        if world not in WORLDS:
            raise Http404
        context |= _ran(found, world, request.POST.get("prediction", ""))
    response = render(request, "attacks/attack.html", context)
    if slug == "framing":
        response.headers["Content-Security-Policy"] = _policy_with_frames()
    return response


@never_cache
@require_safe
def implicit(request: HttpRequest) -> HttpResponse:
    """Two columns: where the tokens of the code flow are, and where the implicit flow's one is."""
    return render(request, "attacks/implicit.html")


def _page_of(found: Attack) -> dict[str, Any]:
    place = EVERYTHING.index(found)
    return {
        "attack": found,
        "number": place + 1 if found.is_attack else None,
        "total": len(ATTACKS) + 1,  # the implicit flow is the last one
        "following": _following(place),
        "choices": [(one, NAMES[one]) for one in REFUSERS],
        "refuser": NAMES[found.refuser],
    }


def _following(place: int) -> tuple[str, Text] | None:
    """Address and title of the next page; the implicit flow stands after the last attack."""
    if place + 1 == len(ATTACKS):
        return reverse("lab_implicit"), _("Use the implicit flow")
    if place + 1 < len(EVERYTHING):
        return reverse("lab_attack", args=[EVERYTHING[place + 1].slug]), EVERYTHING[place + 1].title
    return None


def _ran(found: Attack, world: str, prediction: str) -> dict[str, Any]:
    prediction = prediction if prediction in REFUSERS else ""
    verdict = runner.run(found, world, prediction=prediction)
    return {
        "verdict": verdict,
        "shots": [(shot, NAMES[shot.party]) for shot in verdict.shots],
        "prediction": prediction,
        "predicted": NAMES.get(prediction, ""),
        "guessed_right": prediction == found.refuser,
    }


def _policy_with_frames() -> str:
    """The framing attack frames the server's pages, and lets the browser decide."""
    provider = environment.addresses().provider
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'; frame-src {provider}; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    )
