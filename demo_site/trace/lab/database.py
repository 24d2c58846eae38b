"""What the server's database now holds: the server's own answer, put in words."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from codeflow.http import Door, HttpError
from demo_site import environment
from demo_site.trace.lab.sentences import KINDS, Text
from demo_site.trace.models import Run

ROWS: dict[str, Text] = {**KINDS, "consent": _("consent"), "session": _("session")}
STATES: dict[str, Text] = {
    "live": _("live"),
    "spent": _("spent"),
    "revoked": _("revoked"),
    "expired": _("expired"),
    "ended": _("ended"),
    "kept": _("remembered"),
    "hash only": _("hash only"),
}
FACTS: dict[str, Text] = {
    "redeemed": _("redeemed"),
    "expires": _("expires"),
    "used": _("used"),
    "scope": _("scope"),
    "since": _("since"),
    "began": _("began"),
    "ended": _("ended"),
}
DOOR = Door(allow_http_loopback=True, connect_timeout=1.0, read_timeout=2.0, deadline=3.0)


class Held(NamedTuple):
    """One row of the server's database."""

    kind: Text
    held: str
    state: Text
    is_live: bool
    facts: list[tuple[Text, str]]


def held_by_server(run: Run) -> list[Held] | None:
    """The rows, or None where the server did not answer."""
    try:
        answer = DOOR.get(f"{environment.addresses().provider}/lab/rows/{run.pk}/")
        rows: list[dict[str, Any]] = answer.json_object()["rows"] if answer.ok else []
    except HttpError:
        return None
    return [
        Held(
            kind=ROWS.get(row["kind"], row["kind"]),
            held=row["held"],
            state=STATES.get(row["state"], row["state"]),
            is_live=row["state"] in ("live", "kept"),
            facts=[(FACTS.get(name, name), value) for name, value in row["facts"].items()],
        )
        for row in rows
    ]
