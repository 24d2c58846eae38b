"""The table of the suite's modules (tests/data/conformance_modules.csv), rows of role RP, and which of them have a test.

A module's test carries its name: oidcc-client-test is test_oidcc_client_test.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parent / "data" / "conformance_modules.csv"
FORM_POST_PLAN = "oidcc-client-formpost-basic-certification-test-plan"

_TEST = re.compile(r"^def (test_oidcc_\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    plan: str
    name: str
    must_answer_to_pass: str

    @property
    def test_name(self) -> str:
        return f"test_{re.sub('[^a-z0-9]', '_', self.name.lower())}"


@cache
def client_modules() -> tuple[Module, ...]:
    """The rows whose role is RP, in order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Module(plan=row["plan"], name=row["module"], must_answer_to_pass=row["must_answer_to_pass"])
            for row in csv.DictReader(file)
            if row["role"] == "RP"
        )


def to_run(test_name: str) -> list[Module]:
    """The plans' rows that this test proves."""
    return [module for module in client_modules() if module.test_name == test_name]


def problems() -> Iterator[str]:
    """What does not fit between the table and the tests of this folder, a sentence each."""
    written = [name for path in sorted(HERE.glob("test_*.py")) for name in _TEST.findall(path.read_text("utf-8"))]
    for name in sorted({name for name in written if written.count(name) > 1}):
        yield f"{name} is written twice."
    wanted = {module.test_name: module for module in client_modules()}
    for name, module in wanted.items():
        if name not in written:
            yield f"{module.plan}: {module.name} has no test {name}."
    for name in written:
        if name not in wanted:
            yield f"{name} is no module of a relying party's plan in {TABLE.name}."
