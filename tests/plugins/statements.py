"""Counts SQL statements. BEGIN, COMMIT and SAVEPOINT are not among them: they are told apart."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

_TRANSACTION = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)


class Statements:
    """What ran inside the block; `len()` is the number of statements, str() lists them."""

    def __init__(self, captured: CaptureQueriesContext) -> None:
        self._captured = captured

    def _all(self) -> list[str]:
        return [query["sql"] for query in self._captured.captured_queries]

    @property
    def sql(self) -> list[str]:
        return [sql for sql in self._all() if not _TRANSACTION.match(sql)]

    @property
    def commits(self) -> int:
        """Real commits; a test that is itself one transaction (plain `django_db`) sees none."""
        return sum(sql.strip().upper().startswith("COMMIT") for sql in self._all())

    def __len__(self) -> int:
        return len(self.sql)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {sql}" for number, sql in enumerate(self.sql, 1))


CountStatements = Callable[..., AbstractContextManager[Statements]]


@pytest.fixture
def count_statements() -> CountStatements:
    """`with count_statements(at_most=8) as counted:` fails above the number; then see len(counted), counted.commits."""

    @contextmanager
    def counting(*, at_most: int | None = None) -> Iterator[Statements]:
        with CaptureQueriesContext(connection) as captured:
            statements = Statements(captured)
            yield statements
        if at_most is not None and len(statements) > at_most:
            pytest.fail(f"{len(statements)} SQL statements, at most {at_most} expected:\n{statements}")

    return counting
