"""Runs each handler for each of its rows."""

from pathlib import Path
from typing import Any

import pytest

from tests.provider.cases.table import (
    ELSEWHERE,
    HANDLERS,
    LOCKS_OR_TEXT,
    NOT_APPLICABLE,
    Row,
    at_rest_rows,
    provider_rows,
    uncovered,
)

ROWS = {**provider_rows(), **at_rest_rows()}


def test_every_handler_is_for_a_row_of_the_table():
    assert not (HANDLERS.keys() | ELSEWHERE.keys() | NOT_APPLICABLE.keys()) - ROWS.keys()


def test_every_row_of_the_table_has_a_test_or_a_reason():
    assert [row.id for row in uncovered()] == []
    assert not NOT_APPLICABLE.keys() & (HANDLERS.keys() | ELSEWHERE.keys())


def test_files_that_hold_rows_exist():
    root = Path(__file__).parents[3]
    assert [path for path in ELSEWHERE.values() if not (root / path).exists()] == []


def params(*groups: str) -> list[Any]:
    """A parameter for each handler of each row; of the rows in `groups` alone, if any are named."""
    return [
        pytest.param(ROWS[row_id], handler, id=f"{row_id}-{handler.__name__}", marks=getattr(handler, "marks", ()))
        for row_id, handlers in HANDLERS.items()
        if row_id in ROWS and (not groups or ROWS[row_id].group in groups)
        for handler in handlers
    ]


@pytest.mark.parametrize(("row", "handler"), params())
def test_row(row: Row, handler: Any, world: Any) -> None:
    handler(world)


@pytest.mark.mariadb(only=True)
@pytest.mark.parametrize(("row", "handler"), params(*LOCKS_OR_TEXT))
def test_row_about_locks_or_text(row: Row, handler: Any, world: Any) -> None:
    handler(world)
