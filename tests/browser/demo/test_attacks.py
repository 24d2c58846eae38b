"""The attacks, the implicit flow and the pages to learn from, in a real browser; what a page claims is what is asserted."""

from typing import Any

import pytest

from tests.browser.accessibility import axe, axe_in_every_look
from tests.browser.person import log_in, tab_to
from tests.end_to_end.running_demo import RunningDemo
from tests.end_to_end.test_attacks import ATTACKS


@pytest.mark.parametrize("slug", [one for one in (*ATTACKS, "denied-consent") if one != "framing"])
def test_attack_page_keeps_its_promise(demo: RunningDemo, page: Any, slug: str) -> None:
    page.goto(f"{demo.client}/lab/attacks/{slug}/")
    page.click("button[value=codeflow]", timeout=30_000)
    assert page.get_attribute("#verdict", "data-as-promised", timeout=30_000) == "yes"
    assert page.locator("#shots tbody .fail").count() == 0


def test_consent_page_stays_out_of_frames_and_the_twins_does_not(demo: RunningDemo, chromium_browser: Any) -> None:
    """Chromium's own word: the frame of the real page is blocked (and its console says so), the twin's is shown."""
    context = chromium_browser.new_context()
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{demo.client}/lab/attacks/framing/")
    page.click("button[value=codeflow]", timeout=30_000)
    page.wait_for_selector("iframe.framed", timeout=30_000)
    page.wait_for_timeout(300)
    assert page.get_attribute("#verdict", "data-as-promised") == "yes"
    assert page.frame_locator("iframe.framed").locator("form").count() == 0
    assert any("frame-ancestors" in said for said in complaints)
    page.click("button[value=twin]", timeout=30_000)
    page.frame_locator("iframe.framed").locator("#unsafe-consent").wait_for(timeout=30_000)
    context.close()


def test_prediction_run_and_verdict_by_keyboard_alone(demo: RunningDemo, page: Any) -> None:
    page.goto(f"{demo.client}/lab/attacks/mix-up/")
    tab_to(page, "input[name=prediction]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button[value=codeflow]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#verdict", timeout=30_000)
    assert "You were right." in page.inner_text("#verdict")
    axe_in_every_look(page)


@pytest.mark.parametrize("look", ["no scripts"], indirect=True)
def test_attack_needs_no_scripts(demo: RunningDemo, page: Any) -> None:
    page.goto(f"{demo.client}/lab/attacks/wrong-secret/")
    page.click("button[value=twin]", timeout=30_000)
    assert "The attack worked." in page.inner_text("#verdict", timeout=30_000)


def test_implicit_flow_lays_the_token_open(demo: RunningDemo, page: Any) -> None:
    page.goto(f"{demo.client}/lab/compare/implicit/")
    axe_in_every_look(page)
    page.click("a.danger")
    log_in(page, "bob", "bob")
    page.wait_for_selector("#unsafe-consent")
    axe(page)
    page.click("#unsafe-consent button[value=yes]")
    page.wait_for_url("**/implicit/#access_token=*")
    page.click("#show-hash")
    assert "access_token=" in page.inner_text("#hash")
    page.click("#use-hash")
    page.locator("#notes", has_text="Goose").wait_for()
    axe_in_every_look(page)


@pytest.mark.parametrize("path", ["attacks/", "explain/", "glossary/", "clock/"])
def test_pages_to_learn_from_hold_for_everybody(demo: RunningDemo, page: Any, path: str) -> None:
    page.goto(f"{demo.client}/lab/{path}")
    if path == "explain/":
        page.fill("#pasted", f"{demo.issuer}/authorize/?response_type=token&client_id=notes&scope=openid")
        page.click("#explain button")
        page.wait_for_selector("#findings")
    axe_in_every_look(page)
