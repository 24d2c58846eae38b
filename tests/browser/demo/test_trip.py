"""The plain trip in a real browser: the landing page, the notes, and the run page that tells of it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.accessibility import axe, axe_in_every_look, fits
from tests.browser.demo.trip import decide, sign_in, start, to_run_page
from tests.browser.person import log_in, tab_to
from tests.end_to_end.running_demo import RunningDemo


def test_landing_and_run_page_hold_for_everybody(demo: RunningDemo, page: Any) -> None:
    page.goto(f"{demo.client}/")
    axe_in_every_look(page)
    sign_in(page, demo, "alice")
    assert "Rabbit hole" in page.inner_text("main")
    axe(page)
    to_run_page(page)
    page.wait_for_selector("#live[data-live=no]")
    for line in page.locator("details").all()[:3]:
        line.locator("summary").click()
    axe_in_every_look(page)
    page.goto(f"{demo.client}/lab/")
    axe(page)
    fits(page)


def test_every_hop_stands_in_its_lanes(demo: RunningDemo, page: Any) -> None:
    sign_in(page, demo, "bob")
    to_run_page(page)
    x = {party: page.locator(f".lanes .o-{party}").first.bounding_box() for party in ("client", "browser", "server")}
    middle = {party: box["x"] + box["width"] / 2 for party, box in x.items()}
    asked = page.locator(".msg.front", has_text="brings the code").locator(".arr").bounding_box()
    assert asked["x"] == pytest.approx(middle["client"], abs=8)
    assert asked["x"] + asked["width"] == pytest.approx(middle["browser"], abs=8)
    swapped = page.locator(".msg.back", has_text="key + secret").locator(".arr").bounding_box()
    assert swapped["x"] == pytest.approx(middle["client"], abs=8)
    assert swapped["x"] + swapped["width"] == pytest.approx(middle["server"], abs=8)
    assert page.evaluate("getComputedStyle(document.querySelector('.msg.back .arr')).borderTopStyle") == "dashed"


def test_run_page_follows_a_run_that_goes_on(demo: RunningDemo, page: Any) -> None:
    """No reload by hand: what another window does appears here, and what was opened stays open."""
    start(page, demo)
    watching = page.context.new_page()
    watching.goto(page.get_attribute("footer a", "href"))
    assert "Under way." in watching.inner_text("#live")
    opened = watching.locator("#live details").first
    opened.locator("summary").click()
    name = opened.get_attribute("id")
    log_in(page, "alice", "alice")
    watching.locator("#live .verdict", has_text="Signed in as").wait_for()
    assert watching.locator(f"#{name}[open]").count() == 1
    watching.wait_for_selector("#live[data-live=no]", state="attached")
    asked: list[str] = []
    watching.on("request", lambda request: asked.append(request.url))
    watching.wait_for_timeout(1500)
    assert not [url for url in asked if "/events/" in url]


def test_hidden_run_page_asks_nothing(demo: RunningDemo, page: Any) -> None:
    start(page, demo)
    watching = page.context.new_page()
    watching.add_init_script("Object.defineProperty(document, 'hidden', {get: () => true})")
    asked: list[str] = []
    watching.on("request", lambda request: asked.append(request.url))
    watching.goto(page.get_attribute("footer a", "href"))
    watching.wait_for_timeout(1600)
    assert not [url for url in asked if "/events/" in url]


@pytest.mark.parametrize("look", ["no scripts"], indirect=True)
def test_whole_trip_needs_no_scripts(demo: RunningDemo, page: Any) -> None:
    sign_in(page, demo, "alice")
    to_run_page(page)
    shown = page.inner_text("main")
    assert "Signed in as Alice Liddell." in shown
    assert "Step 7" in shown
    page.locator("#live details", has_text="Back channel").first.locator("summary").click()
    assert page.locator("#live details[open] pre").first.is_visible()
    page.click("#refresh button")
    assert "Refreshed" in page.inner_text(".messages")


def test_whole_trip_by_keyboard_alone(demo: RunningDemo, page: Any, newcomer: str) -> None:
    page.goto(f"{demo.client}/")
    tab_to(page, "#open-notes button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#codeflow-login")
    if not page.evaluate("document.activeElement.matches('#id_username')"):
        tab_to(page, "#id_username")
    page.keyboard.type(newcomer)
    tab_to(page, "#id_password")
    page.keyboard.type(newcomer)
    page.keyboard.press("Enter")
    page.wait_for_selector("#codeflow-consent")
    tab_to(page, "#codeflow-allow")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo.client}/notes/")
    tab_to(page, "main a[href^='/lab/runs/']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#live[data-live=no]")
    tab_to(page, "#live summary")
    page.keyboard.press("Enter")
    assert page.locator("#live details[open]").count() == 1


def test_denial_is_a_friendly_page_with_a_way_back(demo: RunningDemo, page: Any, newcomer: str) -> None:
    start(page, demo)
    log_in(page, newcomer, newcomer)
    decide(page, "no")
    page.wait_for_url(f"{demo.client}/auth/callback/**")
    axe_in_every_look(page)
    page.goto(page.get_attribute("footer a", "href"))
    assert "Refused." in page.inner_text("#live .verdict")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_theme_is_what_the_system_asks_for_or_what_was_chosen(
    demo: RunningDemo, new_page: Callable[..., Any], scheme: str
) -> None:
    window = new_page("dark" if scheme == "dark" else "wide")
    window.goto(f"{demo.client}/")
    dark, light = "rgb(19, 20, 23)", "rgb(251, 251, 250)"
    background = "getComputedStyle(document.body).backgroundColor"
    assert window.evaluate(background) == (dark if scheme == "dark" else light)
    window.select_option("#theme", "light" if scheme == "dark" else "dark")
    window.click(".theme button")
    assert window.evaluate(background) == (light if scheme == "dark" else dark)
