"""A recorded message as it would stand on the wire, with every secret cut to its first four characters and a digest."""

from http import HTTPStatus
from urllib.parse import urlsplit

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from demo_site.trace.marks import MARK
from demo_site.trace.models import Artifact, Event

COMPARED_HEADERS = ["authorization", "content-type", "cache-control"]


class Masks:
    """Marks → what a page may show of the secret behind them."""

    def __init__(self, artifacts: list[Artifact]) -> None:
        self._previews = {(one.kind, one.digest[:16]): one.preview for one in artifacts}

    def html(self, text: str) -> SafeString:
        """`text` escaped, its marks replaced by <mark>9zyG…#1f3a9c2e</mark>."""
        parts, end = [], 0
        for mark in MARK.finditer(text):
            parts.append(conditional_escape(text[end : mark.start()]))
            shown = self._previews.get((mark[1], mark[2])) or "••••"
            parts.append(format_html('<mark title="{}">{}#{}</mark>', mark[1].replace("_", " "), shown, mark[2][:8]))
            end = mark.end()
        return mark_safe("".join([*parts, conditional_escape(text[end:])]))  # noqa: S308 (every part is escaped)


def written(event: Event) -> str:
    """Request line or status line, headers, empty line, body; marks in place."""
    head = [_first_line(event), *(f"{name}: {_folded(value)}" for name, value in event.headers)]
    return "\n".join(head) + (f"\n\n{_folded(event.body)}" if event.body else "")


def path_of(event: Event) -> str:
    return urlsplit(event.url).path


def differences(one: Event, other: Event) -> list[str]:
    """In what two witnesses' copies of one message differ; [] is: in nothing that is compared."""
    facts = {
        "method": (one.method, other.method),
        "address": (_target(one), _target(other)),
        "status": (one.status, other.status),
        "body": (one.body, other.body),
    }
    facts |= {name: (_header(one, name), _header(other, name)) for name in COMPARED_HEADERS}
    return [name for name, (here, there) in facts.items() if here != there]


def _first_line(event: Event) -> str:
    if event.status is None:
        return f"{event.method} {_folded(_target(event))} HTTP/1.1"
    try:
        phrase = HTTPStatus(event.status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {event.status} {phrase}".rstrip()


def _target(event: Event) -> str:
    parts = urlsplit(event.url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _folded(value: str) -> str:
    """Long parameter lists, one parameter on a line."""
    return value.replace("&", "\n  &") if value.count("&") > 1 and "{" not in value else value


def _header(event: Event, name: str) -> str:
    return next((value for key, value in event.headers if key.lower() == name), "")
