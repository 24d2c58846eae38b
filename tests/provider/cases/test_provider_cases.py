"""Runs each handler for each of its rows."""

from typing import Any

import pytest

from tests.provider.cases.table import ELSEWHERE, HANDLERS, LOCKS_OR_TEXT, Row, at_rest_rows, provider_rows

ROWS = {**provider_rows(), **at_rest_rows()}


def test_every_handler_is_for_a_row_of_the_table():
    assert not (HANDLERS.keys() | ELSEWHERE.keys()) - ROWS.keys()


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
