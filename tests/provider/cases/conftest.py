"""The world of the case handlers, and the list of rows that have none."""

import importlib
import pkgutil
import re
from typing import Any

import pytest

from tests.provider import cases
from tests.provider.cases.table import ELSEWHERE, HANDLERS, NOT_APPLICABLE, at_rest_rows, provider_rows, uncovered
from tests.provider.cases.world import World

for module in pkgutil.iter_modules(cases.__path__, f"{cases.__name__}."):
    if not module.name.rpartition(".")[2].startswith(("test_", "conftest")):
        importlib.import_module(module.name)  # it registers its handlers


@pytest.fixture
def world(
    signed_in: Any, user: Any, party: Any, public_party: Any, settings: Any, clock: Any, count_statements: Any
) -> World:
    return World(
        browser=signed_in,
        user=user,
        party=party,
        public_party=public_party,
        settings=settings,
        clock=clock,
        count_statements=count_statements,
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not HANDLERS or terminalreporter.no_summary:
        return
    rows = {**provider_rows(), **at_rest_rows()}
    results = {outcome: _rows_in(terminalreporter.getreports(outcome)) for outcome in ("passed", "failed", "error")}
    failed = results["failed"] | results["error"]
    terminalreporter.section("rows of the case tables")
    terminalreporter.write_line(
        f"{len(rows)} rows: {len(HANDLERS.keys() & rows.keys())} with a handler here "
        f"({len(results['passed'] - failed)} passed, {len(failed)} failed in this run), "
        f"{len(ELSEWHERE.keys() - HANDLERS.keys())} in files of their own, {len(NOT_APPLICABLE)} not applicable"
    )
    for row_id, reason in NOT_APPLICABLE.items():
        terminalreporter.write_line(f"not applicable: {row_id}: {reason}")
    for row in uncovered():
        terminalreporter.write_line(f"no test: {row.id} ({row.priority}) {row.what[:100]}")


def _rows_in(reports: list[pytest.TestReport]) -> set[str]:
    ids = (report.nodeid.partition("::test_row[")[2] for report in reports if "::test_row[" in report.nodeid)
    return {found.group() for text in ids if (found := re.search(r"[A-Z]{2}-\d{2}", text))}
