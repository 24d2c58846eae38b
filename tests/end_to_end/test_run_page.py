"""/lab/: every hop of a real run, the two channels told apart, both witnesses compared."""

import re

import pytest

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import RunningDemo
from tests.end_to_end.test_round_trip import sign_in


@pytest.fixture
def page(demo: RunningDemo, browser: Browser) -> str:
    """The run page of a fresh sign-in with password and (the first time) consent."""
    sign_in(browser, demo)
    link = re.search(r'href="(/lab/runs/[^"]+/)"', browser.page.text)
    assert link
    return browser.open(demo.client + link[1]).text


def rows(page: str) -> list[str]:
    return re.findall(r"<li id=\"e\d+\">(?:<span class=\"step.*?)?<div class=\"(?:msg|self).*?</li>\n", page, re.DOTALL)


def words(row: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


def test_all_seven_steps_are_there_in_order(page: str) -> None:
    steps = [int(step) for step in re.findall(r'<span class="step[^"]*">Step (\d)</span>', page)]
    assert set(steps) == {1, 2, 3, 4, 5, 6, 7}
    firsts = [steps.index(step) for step in range(1, 8)]
    assert firsts == sorted(firsts)


def test_front_and_back_channel_are_told_apart_in_words_and_line(page: str) -> None:
    for row in (row for row in rows(page) if 'class="msg' in row):
        if "POST /o/token/" in row.partition("<details")[0] or "GET /api/notes/" in row.partition("<details")[0]:
            assert 'class="msg back' in row
            assert "Back channel: only the servers saw this" in row
        if "/auth/callback/demo/" in row.partition("<details")[0]:
            assert 'class="msg front' in row
            assert "Front channel: passed through the browser" in row
    assert page.count('class="msg back') >= 4
    assert page.count('class="msg front') >= 8


def test_both_copies_of_the_back_channel_are_shown_and_equal(page: str) -> None:
    (token,) = [row for row in rows(page) if "POST /o/token/" in row.partition("<details")[0]]
    assert "both copies equal" in token
    assert "Client's copy" in token
    assert "Authorization server's copy" in token
    assert "the two copies differ" not in page


def test_token_request_is_shown_masked(page: str) -> None:
    (token,) = [row for row in rows(page) if "POST /o/token/" in row.partition("<details")[0]]
    assert "Basic base64(notes:" in token
    assert re.search(r"code_verifier=<mark[^>]*>\S{4}…#[0-9a-f]{8}</mark>", token)


def test_who_saw_what_is_true(page: str) -> None:
    table = page.partition('id="who"')[2].partition("</table>")[0]
    lines = {
        cells[0].removesuffix(" works once"): cells[1:]
        for cells in (
            words(row).replace("#", "") and [words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
            for row in table.split("</tr>")[1:]
            if "<td" in row
        )
    }
    browser, client, server, api = range(4)
    assert lines["access token"][browser] == "never"
    assert lines["refresh token"][browser] == "never"
    assert lines["code verifier"][browser] == "never"
    assert lines["client secret"][browser] == "never"
    assert lines["code"][browser] == "in a URL"
    assert "made it" in lines["code"][server]
    assert "made it" in lines["state"][client]
    assert lines["code"][api] == "never"
    assert lines["access token"][api] == "in a header"


def test_checks_have_expected_and_actual(page: str) -> None:
    table = page.partition('id="checks"')[2].partition("</table>")[0]
    assert table.count(">passed<") >= 8
    assert ">failed<" not in table
    assert "nonce" in table


def test_verdict_names_the_person(page: str) -> None:
    assert "Signed in as Alice Liddell." in page


def test_runs_are_listed(demo: RunningDemo, browser: Browser, page: str) -> None:
    code = re.search(r"Run ([0-9A-Z]{4}-[0-9A-Z]{2})", page)
    assert code
    assert code[1] in browser.open(f"{demo.client}/lab/").text


def test_refused_run_says_so(demo: RunningDemo, browser: Browser) -> None:
    person = demo.new_person()
    browser.open(f"{demo.client}/notes/")
    browser.submit("codeflow-login", username=person, password=person)
    browser.submit("codeflow-consent", button=("allow", "no"))
    page = browser.open(f"{demo.client}/lab/").text
    link = re.search(r'href="(/lab/runs/[^"]+/)"', page)
    assert link
    shown = browser.open(demo.client + link[1]).text
    assert "Refused." in shown
    assert "go back: refused" in shown
