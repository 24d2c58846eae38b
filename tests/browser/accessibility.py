"""WCAG 2.2 AA as far as a machine can judge it: axe-core on a page as it stands, in light, dark and 360 px."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}


def axe(page: Any) -> None:
    """Asserts that axe-core finds no violation on `page` as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert not found["violations"], f"{page.url}\n" + "\n".join(map(_told, found["violations"]))


def axe_in_every_look(page: Any) -> None:
    """`axe` on `page` wide and narrow, light and dark; and nothing of it is cut off at 360 px (WCAG 1.4.10)."""
    for viewport in (WIDE, NARROW):
        page.set_viewport_size(viewport)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            axe(page)
        fits(page)


def fits(page: Any) -> None:
    """Asserts that the page needs no scrolling to the side."""
    width, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width <= room, f"{page.url} is {width} px wide in a window of {room}"


def _told(violation: dict[str, Any]) -> str:
    where = [f"  {' '.join(node['target'])}: {node['failureSummary']}" for node in violation["nodes"]]
    return "\n".join([f"{violation['id']}: {violation['help']}", *where])


@cache
def _source() -> str:
    octets = AXE.read_bytes()
    assert hashlib.sha256(octets).hexdigest() == AXE_SHA256, "vendor/axe.min.js is not the file of its README"
    return octets.decode()
