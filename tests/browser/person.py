"""What a person does on codeflow's pages."""

from typing import Any

from tests.end_to_end.in_process.conftest import Site
from tests.provider.factories import PASSWORD


def log_in(page: Any, username: str = "alice", password: str = PASSWORD) -> None:
    """Fills in the provider's sign-in page."""
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("#codeflow-login button")


def to_consent(page: Any, site: Site) -> None:
    """From the relying party's page that needs a sign-in to the question of the provider."""
    page.goto(f"{site.relying_party}/notes/")
    log_in(page)
    page.wait_for_selector("#codeflow-consent")


def sign_in_and_allow(page: Any, site: Site) -> None:
    """All seven steps, by mouse."""
    to_consent(page, site)
    page.click("#codeflow-allow")
    page.wait_for_url(f"{site.relying_party}/notes/")


def tab_to(page: Any, selector: str, *, steps: int = 40) -> None:
    """Presses Tab until `selector` has the focus."""
    for _ in range(steps):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {steps} presses of Tab on {page.url}")
