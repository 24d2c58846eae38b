"""A browser without JavaScript: follows redirects one by one, keeps cookies for each host name, fills in forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, what it holds, and its buttons."""

    id: str
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(held.get("id", ""), held.get("action", ""), held.get("method", "get").lower())
            self.forms.append(self.open)
        elif self.open is None:
            return
        elif tag == "input" and held.get("name") and held.get("type") not in ("submit", "checkbox", "radio"):
            self.open.fields[held["name"]] = held.get("value", "")
        elif tag == "input" and held.get("type") in ("checkbox", "radio") and "checked" in held:
            self.open.fields[held["name"]] = held.get("value", "on")
        elif tag == "button" or held.get("type") == "submit":
            self.open.buttons.append((held.get("name", ""), held.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self.open is not None:
            self.open.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None


def forms_of(response: requests.Response) -> list[Form]:
    parser = _Forms()
    parser.feed(response.text)
    return parser.forms


class Browser:
    """`page` is what is on the screen; `responses` is everything that ever came, redirects included."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.responses: list[requests.Response] = []
        self.page: requests.Response

    def close(self) -> None:
        self.session.close()

    def open(self, url: str) -> requests.Response:
        return self._go("GET", url)

    def submit(
        self, form_id: str = "", *, action: str = "", button: tuple[str, str] | None = None, **fields: str
    ) -> requests.Response:
        """Sends the form with this id, or the one whose action ends so."""
        form = self.form(form_id, action=action)
        data = {**form.fields, **fields, **({button[0]: button[1]} if button else {})}
        target = urljoin(self.page.url, form.action or self.page.url)
        return self._go("POST", target, data=data, headers={"Origin": "/".join(self.page.url.split("/")[:3])})

    def form(self, form_id: str = "", *, action: str = "") -> Form:
        found = [
            form for form in forms_of(self.page) if (form.id == form_id if form_id else form.action.endswith(action))
        ]
        assert found, f"no form {form_id or action!r} on {self.page.url}:\n{self.page.text[:2000]}"
        return found[0]

    def has_form(self, form_id: str) -> bool:
        return any(form.id == form_id for form in forms_of(self.page))

    def _go(self, method: str, url: str, **how: Any) -> requests.Response:
        for _ in range(20):
            response = self.session.request(method, url, allow_redirects=False, timeout=20, **how)
            self.responses.append(response)
            if "Location" not in response.headers:
                self.page = response
                return response
            method, url, how = "GET", urljoin(response.url, response.headers["Location"]), {}
        raise AssertionError("more than 20 redirects")
