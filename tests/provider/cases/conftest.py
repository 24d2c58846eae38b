"""The world of the case handlers, and the list of rows that have none."""

import importlib
import pkgutil
from typing import Any

import pytest

from tests.provider import cases
from tests.provider.cases.table import ELSEWHERE, HANDLERS, at_rest_rows, provider_rows
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
    missing = [row for row in rows.values() if row.id not in HANDLERS and row.id not in ELSEWHERE]
    if missing:
        terminalreporter.section(
            f"rows of the case tables without a test of the provider's: {len(missing)} of {len(rows)}"
        )
        for row in missing:
            terminalreporter.write_line(f"{row.id} ({row.priority}) {row.what[:100]}")
