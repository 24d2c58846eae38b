"""The demo's base templates stand in for codeflow's own: a block they left out would silently lose what a page puts there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "demo_site" / "pages" / "templates"


def blocks(*paths: Path) -> set[str]:
    return {name for path in paths for name in re.findall(r"\{% block (\w+) %\}", path.read_text("utf-8"))}


@pytest.mark.parametrize("role", ["provider", "relying_party"])
def test_every_block_of_codeflows_base_is_in_the_demos(role):
    own = ROOT / "codeflow" / role / "templates" / "codeflow" / role / "base.html"
    demos = blocks(DEMO / "codeflow" / role / "base.html", DEMO / "demo_site" / "base.html")
    assert blocks(own) - {"header"} <= demos
