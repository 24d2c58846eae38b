"""The round trip as rows: messages between two lanes, and what a party did by itself, in the order in which they happened."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from demo_site.trace.lab import raw_http, sentences
from demo_site.trace.lab.raw_http import Masks
from demo_site.trace.lab.sentences import OUTCOMES, PARTIES, Text
from demo_site.trace.models import ANOTHER_CLIENT, Check, Event, Run

LANES = {"client": 1, "browser": 2, "server": 3, "api": 4}
ABANDONED_AFTER = timedelta(minutes=15)
FACTS = {"reason", "reference", "status", "challenge", "expires_in", "part", "ended"}
"""Of what an event says of itself, what the messages around it do not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One witness's copy of a message."""

    witness: Text
    raw: SafeString = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the diagram."""

    event: Event
    step: int
    sender: Text
    receiver: Text
    strong: str
    text: Text
    why: Text
    spec: str
    copies: list[Copy]
    differences: list[str]
    outcome: Text
    """In a word; "" where all went well."""
    checks: list[Check]
    facts: list[tuple[str, str]]
    trouble: Text
    """Why no answer came, or ""."""

    @property
    def is_message(self) -> bool:
        return self.event.channel != "internal"

    @property
    def is_back(self) -> bool:
        return self.event.channel == "back"

    @property
    def css(self) -> str:
        """Lanes and direction, in the style sheet's words."""
        here, there = LANES[self.event.from_party], LANES[self.event.to_party]
        if not self.is_message:
            return f"at-{here} by-{self.event.from_party}"
        low, high = sorted((here, there))
        return f"{self.event.channel} {'r' if here < there else 'l'} o-{self.event.from_party} from-{low} to-{high}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Part of a run: the seven steps, or what came afterwards."""

    title: str
    rows: list[Row]


def sections(run: Run) -> list[Section]:
    """The seven steps, and what the same browser did afterwards (more calls, signing out)."""
    masks = Masks(list(run.artifacts.all()))
    events = list(run.events.select_related("twin").prefetch_related("checks").order_by("at", "seq"))
    rows = [_row(event, masks) for event in events if not _is_second_copy(event)]
    end = _end_of_round_trip(rows)
    return [
        Section(title=title, rows=part)
        for title, part in ((_("The round trip"), rows[:end]), (_("Afterwards"), rows[end:]))
        if part
    ]


def checks(run: Run) -> list[tuple[Text, Check]]:
    """Who checked, and what."""
    made = Check.objects.filter(event__run=run).select_related("event").order_by("event__at", "pk")
    return [(PARTIES.get(one.event.recorded_by, one.event.recorded_by), one) for one in made]


def figures(run: Run) -> dict[str, object]:
    """How many requests, and how long until the end of the sign-in."""
    requests = (
        run.events.filter(method__gt="", twin=None).count()
        + run.events.filter(method__gt="", kind="http_out", twin__isnull=False).count()
    )
    end = run.ended_at or run.started_at
    return {"requests": requests, "seconds": round((end - run.started_at).total_seconds(), 1)}


def verdict(run: Run) -> tuple[str, str, str]:
    """(css class, strong sentence, the rest)."""
    match run.status:
        case Run.Status.OK if run.scenario == ANOTHER_CLIENT:
            who = _("%(client)s got its tokens.") % {"client": run.client_name}
            return "", who, _("It is no part of this demo, so only the server's copies are here.")
        case Run.Status.OK:
            who = _("Signed in as %(name)s.") % {"name": run.signed_in_as} if run.signed_in_as else _("Signed in.")
            carried = _(
                "The browser carried a code, never a token. The access token went from one server to the other."
            )
            return "", who, carried
        case Run.Status.REFUSED:
            return "bad", _("Refused."), _("No code was exchanged, and nothing was shared.")
        case Run.Status.FAILED:
            return "bad", _("Not signed in."), _("A check failed; see which below.")
    if timezone.now() - run.started_at > ABANDONED_AFTER:
        return "open", _("Left unfinished."), _("The browser never came back to the client.")
    return "open", _("Under way."), _("This page shows what has happened so far.")


def _row(event: Event, masks: Masks) -> Row:
    sentence = sentences.of(event.summary_id, refused=(event.status or 0) >= 400)
    strong = "" if event.channel == "internal" else str(event.status or f"{event.method} {raw_http.path_of(event)}")
    witnesses = [] if event.channel == "internal" else [event, *([event.twin] if event.twin else [])]
    return Row(
        event=event,
        step=event.step,
        sender=PARTIES.get(event.from_party, event.from_party),
        receiver=PARTIES.get(event.to_party, event.to_party),
        strong=strong,
        text=sentence.text,
        why=sentence.why,
        spec=event.spec or sentence.spec,
        copies=[Copy(witness=PARTIES[one.recorded_by], raw=masks.html(raw_http.written(one))) for one in witnesses],
        differences=raw_http.differences(event, event.twin) if event.twin else [],
        outcome=OUTCOMES.get(event.outcome, event.outcome),
        checks=list(event.checks.all()),
        facts=[(key.replace("_", " "), str(value)) for key, value in event.params.items() if key in FACTS and value],
        trouble=sentences.of_silence(event.duration_ms or 0) if _got_no_answer(event) else "",
    )


def _got_no_answer(event: Event) -> bool:
    return event.kind == "http_out" and event.outcome == "error"


def _is_second_copy(event: Event) -> bool:
    """Of two copies the client's is drawn; the server's stands beside it when the message is opened."""
    return event.twin_id is not None and event.recorded_by != "client"


def _end_of_round_trip(rows: list[Row]) -> int:
    """Up to the first page that the client shows after step 4."""
    returned = False
    for place, row in enumerate(rows):
        returned = returned or row.step == 4
        if returned and row.event.summary_id in ("front.page.answer", "front.callback.page"):
            return place + 1
    return len(rows)
