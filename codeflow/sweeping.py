"""Deleting rows that nobody needs any more: in short transactions, set by set, from any number of hosts at once.

Each piece locks what it deletes and passes by what another host has locked (SKIP LOCKED, where the database has it), so nobody
waits for anybody; a run that is killed loses at most its last piece, and the next run goes on where rows are left.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Model, QuerySet

BATCH = 2000
"""Rows in one transaction."""

Reference = tuple[type[Model], str]
"""A model and its foreign key to the rows that go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One kind of rows to clear. What refers to them is named here: Django's collector, which would load it, is not asked."""

    name: str
    rows: QuerySet[Any]
    by: str
    """The column they are cleared in the order of; it has an index."""
    taken_along: tuple[Reference, ...] = ()
    """Rows that go with them."""
    set_free: tuple[Reference, ...] = ()
    """Rows that stay, without the reference."""

    def count(self, at_most: int | None = None) -> int:
        return self.rows.order_by()[:at_most].count()


def clear(sweep: Sweep, *, batch: int = BATCH, until: float | None = None) -> Iterator[int]:
    """Yields how many rows went with each piece; ends when none is left, or at `until` (time.monotonic)."""
    reached: Any = None
    while until is None or time.monotonic() < until:
        deleted, reached = _clear_piece(sweep, batch, reached)
        if not deleted:
            return
        yield deleted


def _clear_piece(sweep: Sweep, batch: int, reached: Any) -> tuple[int, Any]:
    """Deletes up to `batch` rows from where the piece before ended, so that rows which must stay are passed once a run."""
    using = router.db_for_write(sweep.rows.model)
    rows = (
        sweep.rows.using(using) if reached is None else sweep.rows.using(using).filter(**{f"{sweep.by}__gte": reached})
    )
    features = connections[using].features
    limit = min(batch, features.max_query_params or batch)
    with transaction.atomic(using=using):
        locked = rows.select_for_update(skip_locked=features.has_select_for_update_skip_locked, of=_self(features))
        found = list(locked.order_by(sweep.by).values_list("pk", sweep.by)[:limit])
        if found:
            _delete(sweep, [key for key, _ in found], using)
    return len(found), found[-1][1] if found else reached


def _delete(sweep: Sweep, keys: list[Any], using: str) -> None:
    for model, column in sweep.set_free:
        model._base_manager.using(using).filter(**{f"{column}__in": keys}).update(**{column: None})
    for model, column in sweep.taken_along:
        _delete_rows(model._base_manager.using(using).filter(**{f"{column}__in": keys}))
    _delete_rows(sweep.rows.model._base_manager.using(using).filter(pk__in=keys))


def _delete_rows(rows: QuerySet[Any]) -> None:
    rows._raw_delete(rows.db)  # one DELETE, as Django's own collector ends with


def _self(features: Any) -> tuple[str, ...]:
    """Locks the rows alone, and not those that a condition looks at."""
    return ("self",) if features.has_select_for_update_of else ()
