"""The rows, and which function tests which of them."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"

Handler = Callable[..., None]

HANDLERS: dict[str, list[Handler]] = {}

ELSEWHERE = {
    "RC-03": "tests/provider/test_races.py",
    "RC-04": "tests/provider/test_races.py",
    "RC-06": "tests/provider/test_races.py",
    "RC-07": "tests/provider/test_races.py",
    "RC-08": "tests/provider/test_races.py",
    "CD-20": "tests/provider/test_checks.py",
    "LO-18": "tests/provider/flow/test_backchannel_logout.py",
    "LO-19": "tests/provider/flow/test_backchannel_logout.py",
    "AR-01": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-02": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-03": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-04": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-05": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-06": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-07": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-08": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-10": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-11": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-14": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-16": "tests/end_to_end/in_process/test_at_rest.py",
    "AR-24": "tests/provider/admin",
    "AR-25": "tests/provider/admin",
    "AR-26": "tests/provider/admin",
    "AR-27": "tests/provider/admin",
    "AR-28": "tests/provider/admin",
    "AR-29": "tests/provider/admin",
    "AR-36": "tests/provider/admin",
    "CA-20": "tests/provider/test_limits.py",
    "IN-11": "tests/provider/test_limits.py",
    "AR-51": "tests/provider/test_limits.py",
    "DO-05": "tests/provider/test_locks.py",
    "MX-04": "tests/provider/test_deployment.py",
    "MX-05": "tests/provider/test_deployment.py",
    "AR-15": "tests/provider/test_deployment.py",
    "AR-21": "tests/provider/test_deployment.py",
    "AR-48": "tests/provider/test_deployment.py",
    "AR-17": "tests/end_to_end/test_nothing_leaks.py",
    "AR-18": "tests/at_rest/test_logs.py",
    "AR-19": "tests/at_rest/test_logs.py",
    "AR-20": "tests/at_rest/test_error_reports.py",
    "AR-23": "tests/provider/admin/test_issued.py",
    "AR-30": "tests/provider/admin/test_client.py",
    "AR-37": "tests/provider/views/test_connected.py",
    "AR-40": "tests/provider/views/test_connected.py",
    "AR-38": "tests/relying_party/test_linking.py",
    "AR-41": "tests/provider/test_key_store.py",
    "AR-43": "tests/relying_party/test_clearing.py",
    "AR-49": "tests/provider/test_clearing.py",
}
"""Rows whose tests stand in a file of their own."""

NOT_APPLICABLE = {
    "MX-02": "the front server parses what codeflow never sees; docs/deploy.md says how it is set",
}
"""Rows that no test of ours can hold, and why."""

LOCKS_OR_TEXT = frozenset(
    {"authorization code", "client authentication", "cross-cutting", "races", "refresh", "revocation", "token endpoint"}
)
"""Groups of rows that are a matter of locking or of how text is kept and compared: they hold on MariaDB too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table."""

    id: str
    group: str
    what: str
    expected: str
    must_not_happen: str
    clause: str
    priority: str


def case(*ids: str) -> Callable[[Handler], Handler]:
    """Registers a handler for these rows; it is called with a `World`. A row may have several handlers."""

    def register(handler: Handler) -> Handler:
        for row_id in ids:
            HANDLERS.setdefault(row_id, []).append(handler)
        return handler

    return register


def provider_rows() -> dict[str, Row]:
    rows = _read("provider.csv")
    return {
        row["id"]: Row(
            id=row["id"],
            group=row["group"],
            what=row["request_deviation"],
            expected=row["expected_status_error"],
            must_not_happen=row["must_not_happen"],
            clause=row["spec_clause"],
            priority=row["priority"],
        )
        for row in rows
    }


def at_rest_rows() -> dict[str, Row]:
    rows = _read("at_rest_and_admin.csv")
    return {
        row["id"]: Row(
            id=row["id"],
            group="at rest",
            what=row["asset_or_action"],
            expected=row["rule"],
            must_not_happen="",
            clause=row["clause"],
            priority=row["priority"],
        )
        for row in rows
    }


def uncovered() -> list[Row]:
    """Rows that nothing tests and nothing excuses."""
    covered = HANDLERS.keys() | ELSEWHERE.keys() | NOT_APPLICABLE.keys()
    return [row for row in {**provider_rows(), **at_rest_rows()}.values() if row.id not in covered]


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
