"""A run to take along: HTTP Archive 1.2, curl commands, and a diagram in plain text. Secrets are placeholders in all three."""

import re
import shlex
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from codeflow import __version__
from demo_site.trace.lab.round_trip import Row
from demo_site.trace.lab.sentences import PARTIES
from demo_site.trace.marks import MARK
from demo_site.trace.models import Event, Run

FOR_CURL = {"authorization", "content-type", "accept"}
"""The rest is noise of browsers; an Accept of theirs too."""


def har(run: Run) -> dict[str, Any]:
    """HAR 1.2: each request once, as the one who sent it saw it (of the browser's, as the site did)."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "codeflow lab", "version": __version__},
            "comment": f"Run {run.code}. Secrets are placeholders.",
            "entries": [_entry(event) for event in _requests(run)],
        }
    }


def curl(run: Run) -> str:
    """Each request as a command. Placeholders such as $CODE stand for what only this run had."""
    commands = (f"# {number}. {_title(event)}\n{_command(event)}" for number, event in enumerate(_requests(run), 1))
    return "\n\n".join([f"# Run {run.code}. Secrets are placeholders.", *commands]) + "\n"


def diagram(rows: list[Row]) -> str:
    """Four lanes, an arrow for each message: ---> through the browser, - - > only between servers."""
    lanes = [str(PARTIES[party]).center(WIDTH) for party in LANE]
    return "\n".join(["".join(lanes).rstrip(), _wires(), *(line for row in rows for line in _lines(row))]) + "\n"


def placeholder(text: str, form: str = "<{}>") -> str:
    """`text` with `form` in the place of each mark, the kind of the secret in it."""
    return MARK.sub(lambda mark: form.format(mark[1]), text)


def _requests(run: Run) -> list[Event]:
    events = run.events.filter(method__gt="").select_related("pair").order_by("at", "seq")
    return [event for event in events if event.twin_id is None or event.kind == "http_out"]


def _entry(event: Event) -> dict[str, Any]:
    answer, waited = event.pair, (event.pair.duration_ms if event.pair else None) or 0.0
    return {
        "startedDateTime": event.at.isoformat(timespec="milliseconds"),
        "time": round(waited, 3),
        "request": _request(event),
        "response": _response(answer),
        "cache": {},
        "timings": {"send": 0, "wait": round(waited, 3), "receive": 0},
        "comment": _title(event),
    }


def _request(event: Event) -> dict[str, Any]:
    url, body = placeholder(event.url), placeholder(event.body)
    request = {
        "method": event.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(event),
        "queryString": _pairs(urlsplit(url).query),
        "headersSize": -1,
        "bodySize": len(body.encode()),
    }
    if body:
        request["postData"] = {"mimeType": event.content_type, "params": _pairs(body), "text": body}
    return request


def _response(answer: Event | None) -> dict[str, Any]:
    body = placeholder(answer.body) if answer else ""
    headers = _headers(answer) if answer else []
    return {
        "status": (answer.status if answer else 0) or 0,
        "statusText": _phrase(answer),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers,
        "content": {"size": len(body.encode()), "mimeType": answer.content_type if answer else "", "text": body},
        "redirectURL": next((one["value"] for one in headers if one["name"].lower() == "location"), ""),
        "headersSize": -1,
        "bodySize": len(body.encode()),
    }


def _phrase(answer: Event | None) -> str:
    try:
        return HTTPStatus((answer.status if answer else 0) or 0).phrase
    except ValueError:
        return ""


def _headers(event: Event) -> list[dict[str, str]]:
    return [{"name": name, "value": placeholder(value)} for name, value in event.headers]


def _pairs(query: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)]


def _title(event: Event) -> str:
    step = f"Step {event.step}: " if event.step else ""
    return f"{step}{PARTIES[event.from_party]} to {PARTIES[event.to_party]}"


def _command(event: Event) -> str:
    words = ["curl", "-i", *([] if event.method == "GET" else ["-X", event.method]), _variables(event.url)]
    for name, value in event.headers:
        if value.startswith("Basic base64("):
            words += ["-u", _variables(value.removeprefix("Basic base64(").removesuffix(")"))]
        elif name.lower() in FOR_CURL and "text/html" not in value:
            words += ["-H", _variables(f"{name}: {value}")]
    if event.body:
        words += ["--data", _variables(event.body)]
    return " ".join(word if word.startswith('"') else shlex.quote(word) for word in words)


def _variables(text: str) -> str:
    """Quoted for a shell; with $KIND for each secret where there are any."""
    if not MARK.search(text):
        return text
    escaped = re.sub(r'([\\"$`])', r"\\\1", text)
    return '"' + MARK.sub(lambda mark: f"${mark[1].upper()}", escaped) + '"'


LANE = ["client", "browser", "server", "api"]
WIDTH = 24


def _wires() -> str:
    return "".join("|".center(WIDTH) for _ in LANE).rstrip()


def _lines(row: Row) -> Iterator[str]:
    if not row.is_message:
        column = LANE.index(row.event.from_party) * WIDTH + WIDTH // 2
        yield " " * max(column - 2, 0) + f"[{row.sender}: {row.text}]"
        yield from (f"{' ' * column}  {'v' if one.passed else 'X'} {one.name}" for one in row.checks)
        return
    here, there = (LANE.index(party) * WIDTH + WIDTH // 2 for party in (row.event.from_party, row.event.to_party))
    low, high = sorted((here, there))
    step = f"({row.step})" if row.step else ""
    yield f"{step:<5}".ljust(low) + f" {row.strong} {row.text}"
    dash = ("- " if row.is_back else "--") * (high - low)
    line = dash[: high - low - 1]
    yield " " * low + (f"|{line[:-1]}>" if here < there else f"<{line[1:]}|")
