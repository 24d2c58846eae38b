"""Deleting rows that nobody needs any more: in short transactions, set by set, from any number of hosts at once.

Each piece locks what it deletes and passes by what another host has locked (SKIP LOCKED, where the database has it), so nobody
waits for anybody; a run that is killed loses at most its last piece, and the next run goes on where rows are left.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, router
from django.db.models import Exists, Model, Q, QuerySet

from codeflow.core.findings import WARNING, Finding
from codeflow.transactions import all_or_nothing

BATCH = 2000
"""Rows in one transaction."""

REST = 0.5
"""After each piece the database belongs to others for this part of the time that the piece took."""

PILE = 50_000
"""So many rows to clear are no accident."""

Reached = tuple[Any, int]
"""The value of `Sweep.by` and the key of the row that a piece ended with."""
Reference = tuple[type[Model], str]
"""A model and its foreign key to the rows that go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One kind of rows to clear. What refers to them is named here: Django's collector, which would load it, is not asked."""

    name: str
    rows: QuerySet[Any]
    """Found by `by` alone: what is costly to judge stands in `unless`."""
    unless: Q | Exists | None = None
    """Which of them stay; judged a piece at a time, since a planner that saw it with the rest would read whole tables."""
    by: str
    """The column they are cleared in the order of; it has an index."""
    taken_along: tuple[Reference, ...] = ()
    """Rows that go with them."""
    set_free: tuple[Reference, ...] = ()
    """Rows that stay, without the reference."""

    def count(self, at_most: int | None = None) -> int:
        rows = self.rows if self.unless is None else self.rows.exclude(self.unless)
        return rows.order_by()[:at_most].count()


def backlog(sweeps: Iterable[Sweep]) -> Iterator[Finding]:
    """For a role's doctor: what piles up because nothing clears it."""
    for sweep in sweeps:
        if sweep.rows.order_by()[: PILE + 1].count() > PILE:  # without `unless`: a guess that is quick
            what = f"More than {PILE:,} {sweep.name} have expired and take up space."
            fix = (
                "manage.py codeflow_clear_expired belongs in cron, once an hour; or set CODEFLOW_CLEAR_AFTER_RESPONSES."
            )
            yield Finding(check="clearing", level=WARNING, what=what, fix=fix)


def clear(sweep: Sweep, *, batch: int = BATCH, until: float | None = None, rest: float = REST) -> Iterator[int]:
    """Yields how many rows went with each piece; ends when none is left, or at `until` (time.monotonic)."""
    reached: Reached | None = None
    while until is None or time.monotonic() < until:
        begun = time.monotonic()
        deleted, reached = _clear_piece(sweep, batch, reached)
        if reached is None:
            return
        yield deleted
        time.sleep((time.monotonic() - begun) * rest)


def _clear_piece(sweep: Sweep, batch: int, reached: Reached | None) -> tuple[int, Reached | None]:
    """Looks at up to `batch` rows behind those of the piece before; how many went, and the last one. None: there were none."""
    using = router.db_for_write(sweep.rows.model)
    return all_or_nothing(lambda: _cleared(sweep, batch, reached, using), using=using)


def _cleared(sweep: Sweep, batch: int, reached: Reached | None, using: str) -> tuple[int, Reached | None]:
    rows = _behind(sweep, reached).using(using)
    with connections[using].cursor() as cursor:
        if cursor.db.vendor == "postgresql":  # no wait for the disk: what a power cut brings back is deleted again
            cursor.execute("SET LOCAL synchronous_commit TO off")
        keys = _lock(rows.order_by(sweep.by, "pk"), batch)
        if not keys:
            return 0, None
        first, last = (rows.values_list(sweep.by, flat=True).get(pk=key) for key in (keys[0], keys[-1]))
        staying = _staying(sweep, using, first, last)
        going = [key for key in keys if key not in staying]
        if going:
            _delete(sweep, going, cursor)
    return len(going), (last, keys[-1])


def _behind(sweep: Sweep, reached: Reached | None) -> QuerySet[Any]:
    """Nothing is looked at twice in a run, whether it went or not."""
    if reached is None:
        return sweep.rows
    value, key = reached
    return sweep.rows.filter(Q(**{f"{sweep.by}__gt": value}) | Q(pk__gt=key), **{f"{sweep.by}__gte": value})


def _lock(rows: QuerySet[Any], batch: int) -> list[int]:
    """The keys of the first rows that nobody else holds."""
    skip_locked = connections[rows.db].features.has_select_for_update_skip_locked
    return list(rows.select_for_update(skip_locked=skip_locked).values_list("pk", flat=True)[:batch])


def _staying(sweep: Sweep, using: str, first: Any, last: Any) -> set[int]:
    if sweep.unless is None:
        return set()
    piece = {f"{sweep.by}__gte": first, f"{sweep.by}__lte": last}
    return set(sweep.rows.using(using).filter(sweep.unless, **piece).values_list("pk", flat=True))


def _delete(sweep: Sweep, keys: list[int], cursor: Any) -> None:
    """In SQL with the numbers written out: thousands of parameters would take longer than the deletion."""
    listed = ", ".join(str(int(key)) for key in keys)
    for reference in sweep.set_free:
        table, column = _named(*reference, cursor)
        cursor.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} IN ({listed})")  # noqa: S608  # names and numbers
    for reference in (*sweep.taken_along, (sweep.rows.model, "pk")):
        table, column = _named(*reference, cursor)
        cursor.execute(f"DELETE FROM {table} WHERE {column} IN ({listed})")  # noqa: S608  # as above


def _named(model: type[Model], field: str, cursor: Any) -> tuple[str, str]:
    column: Any = model._meta.pk if field == "pk" else model._meta.get_field(field)
    return cursor.db.ops.quote_name(model._meta.db_table), cursor.db.ops.quote_name(column.column)
