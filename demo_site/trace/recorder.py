"""Writes what a hop gathered into its run: events, the secrets in them, who saw those, the checks, and what correlates.

One short transaction for each hop, taken after the view is done, so that no lock is held while anyone waits for anyone.
"""

import contextlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from urllib.parse import parse_qsl, urlsplit

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from demo_site.trace import marks
from demo_site.trace.hop import Hop, Message, Note, current
from demo_site.trace.marks import Found
from demo_site.trace.models import Artifact, Check, Correlation, Event, Run, Sighting
from demo_site.trace.router import DATABASE

KEEP_RUNS, KEEP_FOR, MOST_EVENTS = 200, timedelta(hours=24), 600
CORRELATE = {"state", "code", "access_token", "refresh_token"}
LONGEST_BODY = 16 * 1024
COOKIES = {"codeflow_provider_session": "session_cookie", "codeflow_client_session": "session_cookie"}


def find_run(kind: str, digest: str) -> uuid.UUID | None:
    """The run in which a value with this digest was seen as this kind."""
    return Correlation.objects.filter(kind=kind, digest=digest).values_list("run_id", flat=True).first()


def run_of_logout_token(message: Message) -> uuid.UUID | None:
    """The run whose ID token named the session (`sid`) that the logout token in `message` names."""
    for found in marks.in_body(message.body, message.content_type):
        if found.kind == "logout_token":
            sid = Found(kind="sid", value=str(marks.claims_of(found.value)[1].get("sid", "")), place="")
            return find_run("sid", sid.digest)
    return None


def begin_run(*, client_name: str = "", scenario: str = "login", step_mode: bool = False) -> uuid.UUID:
    """A new run; old ones make room."""
    with transaction.atomic(using=DATABASE):
        run = Run.objects.create(client_name=client_name, scenario=scenario, step_mode=step_mode)
        trace = Found(kind="traceparent", value=run.id.hex, place="header")
        Correlation.objects.create(run=run, kind="traceparent", digest=trace.digest)
        _forget_old_runs()
    return run.id


@contextlib.contextmanager
def following(run_id: uuid.UUID, party: str = "client") -> Iterator[Hop]:
    """What is done inside belongs to this run, though no browser asked for it by a watched address."""
    hop = Hop(party=party, run_id=run_id)
    token = current.set(hop)
    try:
        yield hop
    finally:
        current.reset(token)
        write(hop)


def has_state(run_id: uuid.UUID) -> bool:
    """Whether the run has got as far as its authorization request."""
    return Correlation.objects.filter(run_id=run_id, kind="state").exists()


def write(hop: Hop, *, status: str = "", signed_in_as: str = "") -> None:
    """Puts the hop's items into its run."""
    if hop.run_id is None or not hop.items:
        return
    with transaction.atomic(using=DATABASE):
        run = Run.objects.filter(pk=hop.run_id).first()
        if run is None:
            return
        last = run.events.aggregate(last=Max("seq"))["last"] or 0
        if last < MOST_EVENTS:
            _Writer(run=run, seq=last).write(hop)
        _settle(run, status, signed_in_as)


def _settle(run: Run, status: str, signed_in_as: str) -> None:
    changed = []
    if status and run.status == Run.Status.PENDING:
        run.status, run.ended_at = status, timezone.now()
        changed += ["status", "ended_at"]
    if signed_in_as and not run.signed_in_as:
        run.signed_in_as = signed_in_as
        changed.append("signed_in_as")
    if changed:
        run.save(update_fields=changed)


def _forget_old_runs() -> None:
    Run.objects.filter(started_at__lt=timezone.now() - KEEP_FOR).delete()
    kept = Run.objects.order_by("-started_at").values_list("pk", flat=True)[KEEP_RUNS : KEEP_RUNS + 100]
    if surplus := list(kept):
        Run.objects.filter(pk__in=surplus).delete()


@dataclass(slots=True, kw_only=True)
class _Writer:
    """Writes one hop; keeps the run's artifacts at hand, since a secret may turn up anywhere (a Referer, say)."""

    run: Run
    seq: int
    artifacts: dict[tuple[str, str], Artifact] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)

    def write(self, hop: Hop) -> None:
        self.artifacts = {(one.kind, one.digest): one for one in self.run.artifacts.all()}
        for item in hop.items:
            self.seq += 1
            if isinstance(item, Message):
                self._write_message(item)
            else:
                self._write_note(item)

    def _write_message(self, message: Message) -> None:
        found = list(_secrets_of(message))
        self._keep(found, message)
        known = [
            Found(kind=one.kind, value=one.value, place="")
            for one in self.artifacts.values()
            if one.value and one.kind != "session_cookie"
        ]
        event = Event.objects.create(run=self.run, seq=self.seq, **_columns(message, found + known))
        self.events[id(message)] = event
        self._tie(event, message)
        self._sight(event, message, found)

    def _write_note(self, note: Note) -> None:
        from demo_site.trace.flow_events import checks_of, columns_of

        event = Event.objects.create(run=self.run, seq=self.seq, **columns_of(note))
        Check.objects.bulk_create(Check(event=event, **columns) for columns in checks_of(note))

    def _keep(self, found: Iterable[Found], message: Message) -> None:
        """Each secret once for each run, with its correlation."""
        for secret in found:
            key = (secret.kind, secret.digest)
            if key in self.artifacts:
                continue
            self.artifacts[key] = Artifact.objects.create(
                run=self.run,
                kind=secret.kind,
                digest=secret.digest,
                preview=marks.preview(secret.kind, secret.value),
                value=secret.value,
                made_by=marks.MADE_BY.get(secret.kind)
                or (message.from_party if secret.kind == "session_cookie" else "server"),
                made_at=message.at,
                single_use=secret.kind in marks.SINGLE_USE,
            )
            if secret.kind in CORRELATE:
                self._correlate(secret)
            elif secret.kind == "id_token" and (sid := marks.claims_of(secret.value)[1].get("sid")):
                self._correlate(Found(kind="sid", value=str(sid), place=secret.place))

    def _correlate(self, found: Found) -> None:
        Correlation.objects.get_or_create(digest=found.digest, defaults={"kind": found.kind, "run": self.run})

    def _tie(self, event: Event, message: Message) -> None:
        """Joins answer and request, and the two witnesses' copies of one message."""
        request = self.events.get(id(message.answers)) if message.answers else None
        if request is not None:
            Event.objects.filter(pk=request.pk).update(pair=event)
            Event.objects.filter(pk=event.pk).update(pair=request)
        if not message.span:
            return
        same = Event.objects.filter(run=self.run, span=message.span, twin=None, from_party=event.from_party)
        twin = same.exclude(recorded_by=event.recorded_by).filter(to_party=event.to_party).first()
        if twin is not None:
            Event.objects.filter(pk=twin.pk).update(twin=event)
            Event.objects.filter(pk=event.pk).update(twin=twin)

    def _sight(self, event: Event, message: Message, found: Iterable[Found]) -> None:
        """Both ends of a message see what is in it; the witness alone can vouch, and both of its ends are real."""
        seen = {
            ((one.kind, one.digest), one.place, party)
            for one in found
            for party in (message.from_party, message.to_party)
        }
        Sighting.objects.bulk_create(
            Sighting(artifact=self.artifacts[key], event=event, party=party, place=place) for key, place, party in seen
        )


def _secrets_of(message: Message) -> Iterable[Found]:
    everywhere = chain(
        marks.in_url(message.url),
        marks.in_headers(message.headers, COOKIES),
        marks.in_body(message.body, message.content_type),
    )
    return [one for one in everywhere if len(one.value) >= marks.SHORTEST]


def _columns(message: Message, found: list[Found]) -> dict[str, object]:
    """An event's columns, secrets replaced by marks."""
    url = marks.mark_text(message.url, found)
    body = message.body if len(message.body) <= LONGEST_BODY else f"{message.body[:LONGEST_BODY]}…"
    return {
        "at": message.at,
        "monotonic_ms": message.monotonic_ms,
        "recorded_by": message.recorded_by,
        "kind": message.kind,
        "channel": message.channel,
        "step": message.step,
        "from_party": message.from_party,
        "to_party": message.to_party,
        "span": message.span,
        "method": message.method,
        "url": url,
        "query": parse_qsl(urlsplit(url).query, keep_blank_values=True),
        "headers": marks.mark_headers(message.headers, found),
        "body": marks.mark_text(marks.mark_form(body, message.content_type), found),
        "content_type": message.content_type[:100],
        "status": message.status,
        "duration_ms": message.duration_ms,
        "summary_id": message.summary_id,
        "params": message.params,
        "outcome": message.outcome,
    }
