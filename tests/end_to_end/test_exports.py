"""A run to take along: as HTTP Archive, as curl commands, as a diagram in text. None of them holds a secret."""

import re
import shlex
from datetime import datetime
from typing import Any

import pytest

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import RunningDemo
from tests.end_to_end.test_nothing_leaks import secrets_of
from tests.end_to_end.test_round_trip import sign_in

ENTRY = {
    "startedDateTime": str,
    "time": (int, float),
    "request": dict,
    "response": dict,
    "cache": dict,
    "timings": dict,
}
REQUEST = {
    "method": str,
    "url": str,
    "httpVersion": str,
    "cookies": list,
    "headers": list,
    "queryString": list,
    "headersSize": int,
    "bodySize": int,
}
RESPONSE = {
    "status": int,
    "statusText": str,
    "httpVersion": str,
    "cookies": list,
    "headers": list,
    "content": dict,
    "redirectURL": str,
    "headersSize": int,
    "bodySize": int,
}
"""What HAR 1.2 requires of each object."""


@pytest.fixture
def run(demo: RunningDemo, browser: Browser) -> str:
    """The address of a fresh run's page."""
    sign_in(browser, demo)
    link = re.search(r'href="(/lab/runs/[^"]+/)"', browser.page.text)
    assert link
    return demo.client + link[1]


def assert_shape(found: dict[str, Any], required: dict[str, Any]) -> None:
    for name, kind in required.items():
        assert isinstance(found[name], kind), name


def assert_pairs(found: list[dict[str, Any]]) -> None:
    assert all(
        set(pair) == {"name", "value"} and all(isinstance(text, str) for text in pair.values()) for pair in found
    )


def test_archive_has_the_structure_of_har_1_2(browser: Browser, run: str) -> None:
    answer = browser.open(f"{run}run.har")
    assert "attachment" in answer.headers["Content-Disposition"]
    log = answer.json()["log"]
    assert log["version"] == "1.2"
    assert set(log["creator"]) == {"name", "version"}
    for entry in log["entries"]:
        assert_shape(entry, ENTRY)
        assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo
        assert_shape(entry["request"], REQUEST)
        assert_shape(entry["response"], RESPONSE)
        assert_pairs(entry["request"]["headers"] + entry["request"]["queryString"] + entry["response"]["headers"])
        assert_shape(entry["response"]["content"], {"size": int, "mimeType": str, "text": str})
        assert set(entry["timings"]) == {"send", "wait", "receive"}
        assert entry["time"] == sum(entry["timings"].values())
        if "postData" in entry["request"]:
            assert_shape(entry["request"]["postData"], {"mimeType": str, "text": str, "params": list})
    asked = [entry["request"]["url"].partition("?")[0].rpartition("/o/")[2] for entry in log["entries"]]
    assert asked.count("token/") == 1  # both witnesses saw it; it was sent once


def test_commands_can_be_read_by_a_shell_and_hold_placeholders(browser: Browser, run: str) -> None:
    commands = [line for line in browser.open(f"{run}run.curl.txt").text.splitlines() if line.startswith("curl ")]
    (token,) = [shlex.split(line) for line in commands if "/o/token/" in line]
    assert token[token.index("-u") + 1] == "notes:$CLIENT_SECRET"
    body = token[token.index("--data") + 1]
    assert "code=$CODE" in body
    assert "code_verifier=$VERIFIER" in body
    assert all(shlex.split(line)[1] == "-i" for line in commands)


def test_diagram_has_every_step_and_both_kinds_of_arrow(browser: Browser, run: str) -> None:
    text = browser.open(f"{run}run.txt").text
    assert {f"({step})" for step in range(1, 8)} <= set(re.findall(r"^\(\d\)", text, re.MULTILINE))
    assert re.search(r"\|-{10,}>", text)
    assert re.search(r"\|(- ){10,}", text)


def test_no_export_and_no_answer_about_rows_holds_a_secret(demo: RunningDemo, browser: Browser, run: str) -> None:
    texts = [browser.open(run + name).text for name in ("run.har", "run.curl.txt", "run.txt", "events/?after=0")]
    texts.append(browser.open(run.replace(demo.client, demo.provider).replace("/lab/runs/", "/lab/rows/")).text)
    assert all(len(text) > 100 for text in texts)
    for kind, values in secrets_of(demo).items():
        assert not [one for one in values for text in texts if one in text], kind


def test_unchanged_run_answers_without_content_while_it_lives(demo: RunningDemo, browser: Browser) -> None:
    browser.open(f"{demo.client}/notes/")
    (run,) = re.findall(r'href="([^"]+/lab/runs/[^"]+)"', browser.page.text)
    last = re.search(r'data-last="(\d+)"', browser.open(run).text)
    assert last
    assert browser.open(f"{run}events/?after={last[1]}").status_code == 204
    for after in ("0", "", "x", "²", "9" * 5000):
        assert browser.open(f"{run}events/?after={after}").status_code == 200


def test_old_runs_make_room(demo: RunningDemo) -> None:
    code = """
from datetime import timedelta
from django.utils import timezone
from demo_site.trace import recorder
from demo_site.trace.models import Run
now = timezone.now()
old = Run.objects.create(started_at=now - timedelta(hours=25))
Run.objects.bulk_create(Run(started_at=now - timedelta(hours=23)) for _ in range(recorder.KEEP_RUNS + 20))
recorder.begin_run()
print(Run.objects.count(), Run.objects.filter(pk=old.pk).exists())
"""
    done = demo.manage("shell", "-c", code)
    assert done.stdout.split()[-2:] == ["200", "False"], done.stderr
