"""The observer must not change what it observes."""

import time

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import RunningDemo
from tests.end_to_end.test_round_trip import sign_in


def test_locked_trace_costs_the_record_and_not_the_request(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo)
    with demo.database("trace.sqlite3") as trace:
        trace.execute("begin immediate")
        started = time.monotonic()
        answer = browser.open(f"{demo.client}/account/")
        took = time.monotonic() - started
        trace.rollback()
    assert answer.status_code == 200
    assert "Alice Liddell" in answer.text
    assert took < 9


def test_forged_traceparent_of_no_run_is_ignored(demo: RunningDemo, browser: Browser) -> None:
    forged = {"traceparent": f"00-{'f' * 32}-{'e' * 16}-01"}
    answer = browser.session.get(f"{demo.issuer}/.well-known/openid-configuration", headers=forged, timeout=10)
    assert answer.status_code == 200
    with demo.database("trace.sqlite3") as trace:
        (count,) = trace.execute("select count(*) from demo_trace_event where span = ?", ["e" * 16]).fetchone()
    assert count == 0


def test_two_tabs_of_one_browser_are_two_runs(demo: RunningDemo, browser: Browser) -> None:
    """Both sign-ins begin before either ends; each callback finds its own run by its own state."""
    session = browser.session
    first = session.get(f"{demo.client}/auth/login/demo/?next=/notes/", allow_redirects=False, timeout=10)
    second = session.get(f"{demo.client}/auth/login/demo/?next=/account/", allow_redirects=False, timeout=10)
    browser.open(first.headers["Location"])
    browser.submit("codeflow-login", username="alice", password="alice")
    if browser.has_form("codeflow-consent"):
        browser.submit("codeflow-consent", button=("allow", "yes"))
    assert browser.page.url == f"{demo.client}/notes/"
    browser.open(second.headers["Location"])
    assert browser.page.url == f"{demo.client}/account/"
    with demo.database("trace.sqlite3") as trace:
        rows = trace.execute("select status from demo_trace_run order by started_at desc limit 2").fetchall()
    assert rows == [("ok",), ("ok",)]
