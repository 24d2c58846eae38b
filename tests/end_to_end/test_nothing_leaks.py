"""After a run with everything in it, the real secrets are looked for wherever they may not be."""

import sqlite3
from collections.abc import Iterator
from urllib.parse import quote

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import RunningDemo
from tests.end_to_end.test_round_trip import sign_in

SECRET_KINDS = ("access_token", "refresh_token", "verifier", "client_secret")
NEVER_SHOWN = ("verifier", "client_secret")


def secrets_of(demo: RunningDemo) -> dict[str, set[str]]:
    """The values that really passed, as the trace's own database keeps them."""
    with demo.database("trace.sqlite3") as trace:
        found: dict[str, set[str]] = {kind: set() for kind in SECRET_KINDS}
        for kind, value in trace.execute("select kind, value from demo_trace_artifact"):
            if kind in found:
                found[kind].add(value)
    return found


def spellings(secret: str) -> set[str]:
    return {secret, quote(secret, safe="")}


def columns(database: sqlite3.Connection) -> Iterator[tuple[str, str, object]]:
    tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
    for table in tables:
        cursor = database.execute(f'select * from "{table}"')  # noqa: S608 (names of our own tables)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield from ((table, name, value) for name, value in zip(names, row, strict=True))


def holds(value: object, secret: str) -> bool:
    if isinstance(value, bytes):
        return secret.encode() in value
    return isinstance(value, str) and secret in value


def full_run(browser: Browser, demo: RunningDemo) -> dict[str, set[str]]:
    sign_in(browser, demo)
    browser.open(f"{demo.client}/account/")
    browser.open(f"{demo.client}/notes/")
    browser.open(f"{demo.provider}/")
    browser.open(f"{demo.client}/account/")
    browser.submit("sign-out-both", button=("everywhere", "1"))
    found = secrets_of(demo)
    assert all(found.values()), {kind: len(values) for kind, values in found.items()}
    return found


def test_secrets_reach_no_browser_no_log_and_no_database(demo: RunningDemo, browser: Browser) -> None:
    found = full_run(browser, demo)
    secrets = [(kind, text) for kind, values in found.items() for value in values for text in spellings(value)]
    for answer in browser.responses:
        if "/lab/" not in answer.url:
            seen = answer.text + str(answer.headers) + answer.url
            assert not [kind for kind, text in secrets if text in seen], answer.url
    logs = demo.output + "".join(path.read_text() for path in demo.data_dir.glob("*.log"))
    assert not [kind for kind, text in secrets if text in logs]
    for name in ("provider.sqlite3", "client.sqlite3"):
        with demo.database(name) as database:
            leaks = [
                (name, table, column, kind)
                for table, column, value in columns(database)
                for kind, text in secrets
                if holds(value, text)
            ]
        assert not leaks


def test_trace_keeps_values_in_one_column_only(demo: RunningDemo, browser: Browser) -> None:
    found = full_run(browser, demo)
    with demo.database("trace.sqlite3") as trace:
        for table, column, value in columns(trace):
            if (table, column) != ("demo_trace_artifact", "value"):
                for kind, values in found.items():
                    assert not [one for one in values if holds(value, one)], (table, column, kind)


def test_passwords_are_nowhere_in_the_trace(demo: RunningDemo, browser: Browser) -> None:
    full_run(browser, demo)
    with demo.database("trace.sqlite3") as trace:
        bodies = [body for (body,) in trace.execute("select body from demo_trace_event where body like '%password=%'")]
    assert bodies
    assert all("password=(not recorded)" in body for body in bodies)


def test_run_page_masks_and_shows_tokens_only_when_asked(demo: RunningDemo, browser: Browser) -> None:
    sign_in(browser, demo)
    browser.open(f"{demo.client}/notes/")
    link = browser.page.text.partition('href="/lab/runs/')[2].partition('"')[0]
    masked = browser.open(f"{demo.client}/lab/runs/{link}").text
    found = secrets_of(demo)
    for kind, values in found.items():
        assert not [one for one in values if one in masked], kind
    shown = browser.submit(action="#full").text
    assert any(token in shown for token in found["access_token"])
    for kind in NEVER_SHOWN:
        assert not [one for one in found[kind] if one in shown], kind
