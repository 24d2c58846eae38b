"""A browser that follows a script: real HTTP, one redirect at a time, its own cookies, the forms of the pages it meets.

It stops before an address that the script wants to look at, change, or carry somewhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

SECONDS, MOST_REDIRECTS = 10, 20


class Unexpected(Exception):
    """The script met a page that it has no answer to; the text says which."""


@dataclass(slots=True)
class Form:
    """A form of a page: its id, where it goes, what it holds, and its buttons as (name, value)."""

    id: str
    action: str
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(held.get("id", ""), held.get("action", "")))
        elif self.found and tag == "button" and held.get("name"):
            self.found[-1].buttons.append((held["name"], held.get("value", "")))
        elif self.found and tag == "input" and held.get("name"):
            ticked = held.get("type") not in ("checkbox", "radio") or "checked" in held
            if ticked:
                self.found[-1].fields[held["name"]] = held.get("value", "on")


class UserAgent:
    """`answer` is what came last; `next_url` is where that sends the browser, "" where it is a page."""

    def __init__(self, *, stop_before: Callable[[str], bool] = lambda url: False) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.stop_before = stop_before
        self.answer: requests.Response
        self.next_url = ""

    def open(self, url: str, **how: Any) -> requests.Response:
        """Goes there, and on, until a page or an address to stop before."""
        self.step(url, **how)
        for _ in range(MOST_REDIRECTS):
            if not self.next_url or self.stop_before(self.next_url):
                return self.answer
            self.step(self.next_url)
        raise Unexpected("more than 20 redirects")

    def step(self, url: str, method: str = "GET", **how: Any) -> requests.Response:
        """One request; a redirect is looked at and not followed."""
        self.answer = self.session.request(method, url, allow_redirects=False, timeout=SECONDS, **how)
        location = self.answer.headers.get("Location", "").replace("\\", "/")  # as browsers read it
        self.next_url = urljoin(self.answer.url, location) if location else ""
        return self.answer

    def submit(self, form_id: str, button: tuple[str, str] | None = None, **fields: str) -> requests.Response:
        """Fills in a form of the page and sends it, as a person would."""
        form = self.form(form_id)
        data = {**form.fields, **fields, **({button[0]: button[1]} if button else {})}
        origin = "/".join(self.answer.url.split("/")[:3])
        target = urljoin(self.answer.url, form.action or self.answer.url)
        return self.open(target, method="POST", data=data, headers={"Origin": origin})

    def has(self, form_id: str) -> bool:
        return any(form.id == form_id for form in self._forms())

    def form(self, form_id: str) -> Form:
        found = [form for form in self._forms() if form.id == form_id]
        if not found:
            raise Unexpected(f"{self.answer.url.partition('?')[0]} shows no form {form_id} ({self.answer.status_code})")
        return found[0]

    def _forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.answer.text)
        return parser.found
