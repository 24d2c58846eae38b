"""What each role says it did: codeflow's one event becomes a note in the run, with the checks it reports."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from codeflow import signals
from demo_site.trace.hop import Note, current

SHOWN_AT = {"tokens_received": 6, "token.refreshed": 7}
"""The client's step 5 ends with the answer, which the page shows as step 6; refreshing belongs to the use of the tokens."""

UNTOLD = {"checks", "provider"}
"""Details that the page shows otherwise, or that say nothing in a demo with one provider."""

_KINDS = (
    ("revoked", "revoked"),
    ("issued", "issued"),
    ("stored", "stored"),
    ("created", "stored"),
    ("checked", "check"),
    ("verified", "check"),
)


def listen() -> None:
    signals.flow_event.connect(receive, dispatch_uid="demo_site.trace")


def receive(sender: str, event: signals.FlowEvent, **kwargs: object) -> None:
    """Adds the event to the running request's hop; outside a watched request there is none."""
    hop = current.get()
    if hop is not None:
        hop.items.append(Note(event=event, recorded_by=hop.party))


def columns_of(note: Note) -> dict[str, object]:
    """An Event's columns of a note."""
    event = note.event
    return {
        "at": note.at,
        "monotonic_ms": note.monotonic_ms,
        "recorded_by": note.recorded_by,
        "kind": _kind_of(event),
        "channel": "internal",
        "step": SHOWN_AT.get(event.name, event.step),
        "from_party": note.recorded_by,
        "to_party": note.recorded_by,
        "summary_id": f"event.{event.name}",
        "params": {
            **{key: _text(value) for key, value in event.details.items() if key not in UNTOLD},
            **({"reason": event.reason} if event.reason else {}),
            **({"reference": event.reference} if event.reference else {}),
        },
        "outcome": event.outcome,
        "spec": event.spec,
    }


def checks_of(note: Note) -> Iterator[dict[str, Any]]:
    """The columns of each check that the event reports as (name, expected, actual, passed)."""
    for reported in note.event.details.get("checks", ()):
        with contextlib.suppress(TypeError, ValueError, KeyError):
            name, expected, actual, passed = _four(reported)
            yield {
                "name": str(name)[:40],
                "expected": _text(expected),
                "actual": _text(actual),
                "passed": bool(passed),
                "spec": note.event.spec,
            }


def _four(reported: Any) -> tuple[Any, Any, Any, Any]:
    if isinstance(reported, Mapping):
        return reported["name"], reported.get("expected", ""), reported.get("actual", ""), reported["passed"]
    name, expected, actual, passed = reported
    return name, expected, actual, passed


def _kind_of(event: signals.FlowEvent) -> str:
    if event.outcome != signals.OK:
        return "error"
    if event.details.get("checks"):
        return "check"
    return next((kind for word, kind in _KINDS if word in event.name), "note")


def _text(value: object) -> str:
    """Short and flat, as the pages show it."""
    return (", ".join(map(str, value)) if isinstance(value, (list, tuple, set, frozenset)) else str(value))[:300]
