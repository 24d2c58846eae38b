"""No silent skips: a skip gives its reason, and with CI set it is a failure."""

import os
from collections.abc import Generator

import pytest

CI = os.environ.get("CI", "").lower() not in ("", "0", "false")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _judge(report, is_expected_failure=hasattr(report, "wasxfail"))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _judge(report, is_expected_failure=False)
    return report


def _judge(report: pytest.TestReport | pytest.CollectReport, *, is_expected_failure: bool) -> None:
    if report.outcome != "skipped" or is_expected_failure:
        return
    reason = (
        report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)
    )
    if CI:
        report.outcome = "failed"
        report.longrepr = f"Skipped, which CI does not accept: {reason}"
    elif not reason.strip() or reason == "unconditional skip":
        report.outcome = "failed"
        report.longrepr = "Skipped without a reason."
