"""docs/how-to/test-your-site.md lists every misbehaviour.

`python -m tests.testing.test_docs` writes the list anew.
"""

from itertools import groupby
from pathlib import Path

from codeflow.testing.misbehaviours import ALL

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "test-your-site.md"
BEGIN, END = "<!-- misbehaviours: written by tests/testing/test_docs.py -->\n", "<!-- /misbehaviours -->"


def table() -> str:
    """One row for each clause and outcome, in the order of the flow."""
    rows = ["| name | sees | clause | only where the site asks for |", "|---|---|---|---|"]
    for (spec, outcome, needs), items in groupby(ALL, key=lambda item: (item.spec, item.outcome, item.needs)):
        names = ", ".join(f"`{item.name}`" for item in items)
        rows.append(
            f"| {names} | {outcome} | {spec} | {needs if needs in ('max_age', 'acr', 'required_scope') else ''} |"
        )
    return "\n".join(rows) + "\n"


def with_table(text: str) -> str:
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + table() + END + rest.partition(END)[2]


def test_page_lists_every_misbehaviour():
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_table(text)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
