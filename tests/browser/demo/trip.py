"""What a person does in the demo."""

from typing import Any

from tests.browser.person import log_in
from tests.end_to_end.running_demo import RunningDemo

MANY_STOPS = 20


def start(page: Any, demo: RunningDemo, *, stop_at_every_step: bool = False) -> None:
    page.goto(f"{demo.client}/")
    page.check(f"input[name=mode][value={'steps' if stop_at_every_step else 'through'}]")
    page.click("#open-notes button")


def decide(page: Any, answer: str = "yes") -> None:
    page.click(f"#codeflow-consent button[value={answer}]")


def sign_in(page: Any, demo: RunningDemo, who: str) -> None:
    """Straight through, with consent where it is asked."""
    start(page, demo)
    log_in(page, who, who)
    if page.locator("#codeflow-consent").count():
        decide(page)
    page.wait_for_url(f"{demo.client}/notes/")


def to_run_page(page: Any) -> None:
    page.click("main a[href^='/lab/runs/']")
    page.wait_for_selector("#live")


def follow_until(page: Any, selector: str, who: str) -> list[str]:
    """Goes from stop to stop until `selector` is there; gives back the headings of the stops on the way."""
    headings: list[str] = []
    for _ in range(MANY_STOPS):
        if page.locator(selector).count():
            return headings
        if page.locator("#codeflow-login").count():
            log_in(page, who, who)
        elif page.locator("#codeflow-consent").count():
            decide(page)
        else:
            headings.append(page.inner_text("h1"))
            page.click("#follow, #send button")
    raise AssertionError(f"{selector} is not reached: {headings}")
