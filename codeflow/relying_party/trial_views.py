"""What staff see of a sign-in on trial, in place of being signed in."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codeflow.relying_party import signals
from codeflow.relying_party.answers import Answer
from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import RelyingPartyError
from codeflow.relying_party.login import Round
from codeflow.relying_party.trial import Trial, try_out

EVENT = "sign_in_tried"


def trial_page(request: HttpRequest, round_: Round, answer: Answer) -> HttpResponse:
    """The claims and the account, or which check failed: expected and met, for staff alone."""
    name, trial = round_.provider.name, None
    context: dict[str, Any] = {
        "provider": conf.label(name),
        "back": round_.pending.next_url,
        "trial": None,
        "error": None,
    }
    try:
        trial = try_out(round_, answer.parameters, answer.response_mode)
    except RelyingPartyError as error:
        signals.announce_failure(EVENT, error, request=request, provider=name, step=7)
        shown = error.code != "trial.other_user"
        context |= {"error": error, "checks": error.checks if shown else ()}
        return render(request, "codeflow/relying_party/trial.html", context, status=error.status_code)
    signals.announce(EVENT, request=request, provider=name, step=7, user_pk=request.user.pk)
    return render(request, "codeflow/relying_party/trial.html", {**context, "trial": trial, "claims": _lines(trial)})


def _lines(trial: Trial) -> list[tuple[str, str]]:
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in trial.claims.items()
    ]
