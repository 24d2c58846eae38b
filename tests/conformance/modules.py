"""The table of the suite's modules (tests/data/conformance_modules.csv), and which of them have a test.

A module's test carries its name: oidcc-server is test_oidcc_server. What waits for dynamic registration is printed, not skipped.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parent / "data" / "conformance_modules.csv"

WAITING_PLANS = ("oidcc-dynamic-certification-test-plan", "oidcc-3rdparty-init-login-certification-test-plan")
"""Their clients register themselves."""

_TEST = re.compile(r"^def (test_oidcc_\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    plan: str
    name: str
    applicability: str
    must_answer_to_pass: str

    @property
    def waits(self) -> bool:
        """For dynamic registration."""
        return self.plan in WAITING_PLANS or self.applicability == "dynamic_client only"

    @property
    def test_name(self) -> str:
        return f"test_{re.sub('[^a-z0-9]', '_', self.name.lower())}"


@cache
def provider_modules() -> tuple[Module, ...]:
    """The rows whose role is OP, in order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Module(
                plan=row["plan"],
                name=row["module"],
                applicability=row["applicability"],
                must_answer_to_pass=row["must_answer_to_pass"],
            )
            for row in csv.DictReader(file)
            if row["role"] == "OP"
        )


def to_run(test_name: str) -> list[Module]:
    """The plans' rows that this test proves; [] where it is no module's."""
    return [module for module in provider_modules() if module.test_name == test_name and not module.waits]


def waiting() -> list[Module]:
    return [module for module in provider_modules() if module.waits]


def problems() -> Iterator[str]:
    """What does not fit between the table and the tests of this folder, a sentence each."""
    written = [name for path in sorted(HERE.glob("test_*.py")) for name in _TEST.findall(path.read_text("utf-8"))]
    for name in sorted({name for name in written if written.count(name) > 1}):
        yield f"{name} is written twice."
    wanted = {module.test_name: module for module in provider_modules() if not module.waits}
    for name, module in wanted.items():
        if name not in written:
            yield f"{module.plan}: {module.name} has neither a test {name} nor a place on the waiting list."
    for name in written:
        if name not in wanted:
            yield f"{name} is no module of a provider's plan in {TABLE.name}, or one that waits."
