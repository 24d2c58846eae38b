"""The run page's buttons: each does the real thing, and what happened is added to the run."""

from typing import Any

from tests.browser.accessibility import axe, fits
from tests.browser.demo.trip import sign_in, to_run_page
from tests.end_to_end.running_demo import RunningDemo


def press(page: Any, name: str) -> str:
    page.click(f"#{name} button")
    return str(page.inner_text(".messages"))


def rows_of(page: Any, kind: str) -> list[str]:
    table = page.locator("h2#rows ~ .scroll").first
    return [row.inner_text() for row in table.locator("tr", has_text=kind).all()]


def test_refresh_call_wider_scope_and_revocation_join_the_run(demo: RunningDemo, page: Any) -> None:
    sign_in(page, demo, "alice")
    to_run_page(page)
    assert "spent" in rows_of(page, "code")[0]
    assert "Refreshed" in press(page, "refresh")
    assert page.locator(".msg.back", has_text="trades the refresh token").count() == 1
    assert [("live" in row, "spent" in row) for row in rows_of(page, "refresh token")] == [(False, True), (True, False)]
    assert "200" in press(page, "call")
    assert "403 insufficient_scope" in press(page, "wider")
    assert page.locator(".msg.back", has_text="403").count() == 1
    assert "401 invalid_token" in press(page, "revoke")
    assert page.locator(".msg.back", has_text="401").count() >= 1
    assert all("revoked" in row for row in rows_of(page, "access token"))
    axe(page)


def test_one_changed_letter_of_the_id_token_is_refused(demo: RunningDemo, page: Any) -> None:
    sign_in(page, demo, "alice")
    to_run_page(page)
    for part in ("header", "claims", "signature"):
        page.check(f"#change-one-letter input[value={part}]")
        assert "Refused by the client" in press(page, "change-one-letter")
    assert page.locator(".self.at-1", has_text="changed one letter").locator(".fail").count() >= 3


def test_sign_out_everywhere_reaches_the_client_by_the_back_channel(demo: RunningDemo, page: Any) -> None:
    sign_in(page, demo, "bob")
    to_run_page(page)
    run = page.url
    page.click("#sign-out-both button")
    page.wait_for_url(f"{demo.client}/auth/signed-out/**")
    axe(page)
    fits(page)
    page.goto(run)
    told = page.locator(".msg.back", has_text="POST /auth/backchannel/demo/")
    assert told.count() == 1
    assert "o-server" in told.get_attribute("class")
    assert page.locator("li", has=told).locator(".tag", has_text="both copies equal").count() == 1
    page.goto(f"{demo.client}/notes/")
    assert page.locator("#codeflow-login").count() == 1


def test_sign_out_here_only_comes_back_to_the_run(demo: RunningDemo, page: Any) -> None:
    sign_in(page, demo, "bob")
    to_run_page(page)
    run = page.url
    page.click("#sign-out-here button")
    assert page.url == run
    assert "not signed in through this run any more" in press(page, "call")
    page.click("#run-again button")
    page.wait_for_url(f"{demo.client}/notes/")  # the server still knows bob
    to_run_page(page)
    assert page.url != run


def test_run_is_copied_as_curl_where_a_script_may_run(demo: RunningDemo, page: Any) -> None:
    sign_in(page, demo, "alice")
    to_run_page(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#copy-curl")
    page.locator("#copied", has_text="Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"curl -i -X POST {demo.issuer}/token/" in copied
    assert "$CODE" in copied
