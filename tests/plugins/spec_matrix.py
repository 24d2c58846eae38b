"""Prints, after the tests, which rules of which specifications they hold codeflow to, and what is not supported.

`@pytest.mark.spec("RFC 7636", "4.6", "verifier must match")` ties a test to a rule; several marks tie it to several.
What is not supported stands in docs/not_supported.md, whose table is read from here.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

NOT_SUPPORTED = Path(__file__).parents[2] / "docs" / "not_supported.md"

Rule = tuple[str, str, str]

_RULES = "spec_rules"
"""What a report carries, so that tests run in other processes count too."""

_outcomes: dict[Rule, Counter[str]] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        rules = [_rule(item, mark) for mark in item.iter_markers("spec")]
        item.user_properties.extend((_RULES, list(rule)) for rule in rules)


def _rule(item: pytest.Item, mark: pytest.Mark) -> Rule:
    if len(mark.args) != 3 or mark.kwargs or not all(isinstance(word, str) and word for word in mark.args):
        raise pytest.UsageError(f'{item.nodeid}: write spec("document", "section", "rule")')
    document, section, rule = mark.args
    return document, section, rule


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or not report.passed:
        for name, value in report.user_properties:
            if name == _RULES:
                document, section, rule = map(str, value)  # type: ignore[call-overload]  # a list of words, see above
                _outcomes.setdefault((document, section, rule), Counter())[report.outcome] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _outcomes or terminalreporter.no_summary:
        return
    terminalreporter.section("rules of the specifications")
    for line in matrix(_outcomes):
        terminalreporter.write_line(line)
    terminalreporter.section("not supported")
    for feature, document, reason in not_supported():
        terminalreporter.write_line(f"{feature} ({document}): {reason}")


def matrix(outcomes: dict[Rule, Counter[str]]) -> list[str]:
    """One line per rule, ordered by document and section: number of tests and outcome."""
    rules = sorted(outcomes, key=lambda rule: (rule[0], _section_key(rule[1]), rule[2]))
    document_width, section_width = (max(len(rule[column]) for rule in rules) for column in (0, 1))
    lines = []
    for rule in rules:
        counted = outcomes[rule]
        outcome = ", ".join(f"{counted[name]} {name}" for name in ("failed", "skipped", "passed") if counted[name])
        lines.append(f"{rule[0]:<{document_width}}  {rule[1]:<{section_width}}  {outcome:>10}  {rule[2]}")
    return lines


def _section_key(section: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"[.,\s-]+", section) if part]


def not_supported() -> list[tuple[str, str, str]]:
    """Feature, specification and reason of each row of docs/not_supported.md."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in NOT_SUPPORTED.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    return [(row[0], row[1], row[2]) for row in rows[2:]]
