"""Stop at every step: each redirect and the token request stand still, explain themselves, and can be changed."""

from typing import Any

import pytest

from tests.browser.accessibility import axe, axe_in_every_look, fits
from tests.browser.demo.trip import follow_until, start, to_run_page
from tests.end_to_end.running_demo import RunningDemo


@pytest.mark.parametrize("look", ["no scripts"], indirect=True)
def test_every_redirect_and_the_token_request_stop(demo: RunningDemo, page: Any, newcomer: str) -> None:
    start(page, demo, stop_at_every_step=True)
    stops = follow_until(page, "ul.notes", newcomer)
    assert stops == [
        "Client: 302, sign in first",
        "Client: 302, go to the authorization server",
        "Authorization server: 302, first sign in",
        "Authorization server: 303, go on there",
        "Authorization server: 303, go back, with a code",
        "Client: next, straight to the server",
        "Client: 303, signed in: on to the page",
    ]
    to_run_page(page)
    assert "every redirect stood still" in page.inner_text("#live")
    assert page.locator("#live .msg", has_text="POST /o/token/").count() == 1


def test_stops_explain_every_parameter(demo: RunningDemo, page: Any) -> None:
    start(page, demo, stop_at_every_step=True)
    page.click("#follow")
    names, texts = (page.locator(f".params {part}").all_inner_texts() for part in ("dt", ".mut"))
    asked = dict(zip(names, texts, strict=True))
    expected = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"}
    assert expected <= set(asked)
    assert all(text and "standards say nothing" not in text for text in asked.values()), asked
    page.click("details summary")
    axe_in_every_look(page)
    follow_until(page, "#send", "alice")
    shown = page.inner_text("main")
    assert "Basic base64(notes:••••••••)" in shown
    assert "code_verifier" in shown
    axe(page)
    fits(page)


def test_changed_state_is_refused_by_the_client(demo: RunningDemo, page: Any) -> None:
    start(page, demo, stop_at_every_step=True)
    follow_until(page, "#change input[name=code]", "alice")
    page.click("details summary")
    page.fill("#change input[name=state]", "not-the-state-that-the-client-made")
    page.click("#change button")
    page.wait_for_url("**/auth/callback/demo/**")
    assert page.locator("#send").count() == 0
    assert "not-the-state" not in page.inner_text("main")
    assert page.locator("ul.notes").count() == 0


def test_changed_verifier_is_refused_by_the_server(demo: RunningDemo, page: Any) -> None:
    start(page, demo, stop_at_every_step=True)
    follow_until(page, "#send", "alice")
    page.click("details summary")
    page.fill("#change input[name=code_verifier]", "x" * 43)
    page.click("#change button")
    page.goto(page.get_attribute("footer a", "href"))
    told = page.inner_text("#live")
    assert "Not signed in." in told
    assert page.locator(".self.at-3", has_text="pkce_mismatch").count() == 1
    assert page.locator(".msg.back", has_text="400 refused: no tokens").count() == 1


def test_changed_redirect_uri_gets_no_redirect(demo: RunningDemo, page: Any) -> None:
    start(page, demo, stop_at_every_step=True)
    page.click("#follow")
    page.click("details summary")
    page.fill("#change input[name=redirect_uri]", "https://evil.example/")
    page.click("#change button")
    assert page.url.startswith(f"{demo.issuer}/authorize/")
    assert page.locator("#follow").count() == 0
