"""The parameters that a browser brings to the callback: in the address, or in a form that the provider's page posts.

OAuth 2.0 Form Post Response Mode 2. A form posted by another site comes without this site's session (SameSite=Lax). So
what it holds goes on, sealed, into the address of an ordinary GET, which has the session, and is judged there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest

from codeflow.core.sealing import SealBroken
from codeflow.relying_party.conf import sealer
from codeflow.relying_party.flow.configuration import FORM_POST, QUERY
from codeflow.relying_party.flow.step1_authorization_request import PendingLogin

PURPOSE = "posted answer"
LONGEST = 8 * 1024
"""Characters of a form; servers refuse addresses that are much longer, and step 4 refuses such a code."""

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came, and by which response mode."""

    parameters: Pairs = field(repr=False)
    response_mode: str

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.parameters if key == name]


def read_answer(request: HttpRequest) -> Answer:
    """The answer in the form, the one handed on from a form, or the one in the address."""
    if request.method == "POST":
        return Answer(parameters=_pairs(request.POST.lists()), response_mode=FORM_POST)
    state, sealed = request.GET.get("state", ""), request.GET.get("answer", "")
    try:
        opened = sealer(PURPOSE).open(sealed, bound_to=state.encode("utf-8", "replace"))
    except SealBroken:
        return Answer(parameters=_pairs(request.GET.lists()), response_mode=QUERY)
    return Answer(parameters=parse_qsl(opened.decode(), keep_blank_values=True), response_mode=FORM_POST)


def handed_on(request: HttpRequest, answer: Answer, pending: PendingLogin) -> str:
    """The same address with the form's content sealed in its query, for this attempt alone."""
    content = urlencode(answer.parameters)[:LONGEST].encode("ascii")
    sealed = sealer(PURPOSE).seal(content, bound_to=pending.state.encode("ascii"))
    return f"{request.path}?{urlencode({'state': pending.state, 'answer': sealed})}"


def _pairs(lists: Iterable[tuple[str, Any]]) -> Pairs:
    return [(name, str(value)) for name, values in lists for value in values]
