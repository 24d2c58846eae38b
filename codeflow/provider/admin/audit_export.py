"""The audit trail as a file: CSV or JSON, row by row, so that a million of them need no memory.

A cell that a spreadsheet would take for a formula begins with an apostrophe (CWE-1236).
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from codeflow.provider.admin.event_words import event_words
from codeflow.provider.models import AuditEvent

COLUMNS = ("at", "event", "outcome", "reason", "client_id", "user_pk", "address", "reference", "count")
_AT_ONCE = 2_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """What csv.writer writes into: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(events: QuerySet[AuditEvent]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield str(writer.writerow([*COLUMNS, "words"]))
    for row in _rows(events):
        yield str(writer.writerow([_cell(value) for value in row.values()]))


def as_json(events: QuerySet[AuditEvent]) -> Iterator[str]:
    yield "["
    for number, row in enumerate(_rows(events)):
        yield ("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False)
    yield "\n]\n"


FORMATS: Mapping[str, tuple[str, Callable[[QuerySet[AuditEvent]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}


def export_answer(events: QuerySet[AuditEvent], kind: str) -> StreamingHttpResponse:
    """A file to keep, in one of FORMATS."""
    content_type, write = FORMATS[kind]
    headers = {
        "Content-Disposition": f'attachment; filename="audit-events.{kind}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(write(events), content_type=content_type, headers=headers)


def _rows(events: QuerySet[AuditEvent]) -> Iterator[dict[str, Any]]:
    for values in events.values_list(*COLUMNS).iterator(chunk_size=_AT_ONCE):
        row = dict(zip(COLUMNS, values, strict=True))
        yield {**row, "at": row["at"].isoformat(), "words": event_words(row["event"])}


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
