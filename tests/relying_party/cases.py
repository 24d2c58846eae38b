"""The two tables that this role is held to, and which tests name their rows.

data/refusals.csv: what a provider may answer and must not get away with ("T28"). data/cases.csv: the catalogue of cases
("RP-55"). A test names its rows in a mark (`@pytest.mark.spec("RFC 9700", "4.7", "T6 RP-08: …")`) or in a list of cases.
"""

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parent

_ID = re.compile(r"\b(?:T\d{1,2}|RP-\d{2,3})\b")


def rows() -> dict[str, str]:
    """Each row's id and what it is about."""
    found = {}
    for name, column in (("refusals", "response"), ("cases", "malicious_action")):
        with (HERE / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found |= {row["id"]: row[column] for row in csv.DictReader(file)}
    return found


def named_rows() -> dict[str, set[str]]:
    """Each id that a test names, and the files of those tests."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        if "provider" not in path.relative_to(TESTS).parts:
            for text in _texts(ast.parse(path.read_text(encoding="utf-8"))):
                for row in _ID.findall(text):
                    found.setdefault(row, set()).add(path.name)
    return found


def _texts(module: ast.Module) -> Iterator[str]:
    """The texts in the decorators of functions and in the values of the module's own names."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield from (text for decorator in node.decorator_list for text in _constants(decorator))
    for statement in module.body:
        if isinstance(statement, ast.Assign):
            yield from _constants(statement.value)


def _constants(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
