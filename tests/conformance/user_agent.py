"""The suite's browser: follows redirects wherever they lead, submits our pages' forms by their ids, runs our one script.

What browsers enforce and a plain HTTP client would not is checked on the way: `form-action` of the page whose form was sent, for the
form's target and for every redirect that answers it; `frame-src` of frames; no mixed content.
"""

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from codeflow.core.uris import origin_of
from tests.conformance.wire import TIMEOUT
from tests.end_to_end.browser import Form, forms_of

LOGIN, CONSENT, FORM_POST, LOGOUT = "codeflow-login", "codeflow-consent", "codeflow-form-post", "codeflow-logout"
ERROR, SIGNED_OUT, CONTINUE = "codeflow-error", "codeflow-signed-out", "codeflow-continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    tag: str
    attributes: dict[str, str]


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag=tag, attributes={name: value or "" for name, value in attrs}))


def elements(page: requests.Response) -> list[Element]:
    """Every element of a page, in order."""
    parser = _Elements()
    parser.feed(page.text)
    return parser.found


def element(page: requests.Response, element_id: str) -> Element | None:
    return next((found for found in elements(page) if found.attributes.get("id") == element_id), None)


def policy(page: requests.Response) -> dict[str, list[str]]:
    """Directive → sources of the page's Content-Security-Policy."""
    directives = [text.split() for text in page.headers.get("Content-Security-Policy", "").split(";")]
    return {words[0]: words[1:] for words in directives if words}


class UserAgent:
    """`page` is what is on the screen, `shown` every page so far by the ids of its forms and messages."""

    def __init__(self, session: requests.Session) -> None:
        self.session = session
        self.page: requests.Response
        self.shown: list[str] = []
        self.hops: list[requests.Response] = []

    def open(self, url: str) -> requests.Response:
        return self._go("GET", url)

    def post_from(self, origin: str, url: str, fields: dict[str, str]) -> requests.Response:
        """A form of a foreign site."""
        return self._go("POST", url, data=fields, headers={"Origin": origin})

    def submit(self, form_id: str, *, button: tuple[str, str] | None = None, **fields: str) -> requests.Response:
        """Sends the form with this id as browsers do: all its fields, the button that was pressed, and Origin."""
        form, source = self.form(form_id), self.page
        data = {**form.fields, **fields, **({button[0]: button[1]} if button else {})}
        first = len(self.hops)
        target = urljoin(source.url, form.action or source.url)
        assert form.method == "post"
        answer = self._go("POST", target, data=data, headers={"Origin": origin_of(source.url), "Referer": source.url})
        self._check_form_action(source, target, self.hops[first:])
        return answer

    def form(self, form_id: str) -> Form:
        found = {form.id: form for form in forms_of(self.page)}
        assert form_id in found, (
            f"no form {form_id} at {self.page.url}: {self.page.status_code}\n{self.page.text[:1500]}"
        )
        return found[form_id]

    def has(self, element_id: str) -> bool:
        return element(self.page, element_id) is not None

    def load_frames(self) -> list[str]:
        """Loads the page's frames as a browser would that honours frame-src; their addresses."""
        allowed = policy(self.page).get("frame-src", policy(self.page).get("default-src", []))
        addresses = [found.attributes["src"] for found in elements(self.page) if found.tag == "iframe"]
        for address in addresses:
            assert origin_of(address) in allowed, f"the page's policy stops the frame {address}"
            self.session.get(address, allow_redirects=False, timeout=TIMEOUT)
        return addresses

    def wait_for_refresh(self) -> requests.Response:
        """What the Refresh header leads to."""
        seconds, _, target = self.page.headers["Refresh"].partition(";")
        assert 0 <= int(seconds) <= 10
        return self._go("GET", target.strip().removeprefix("url="))

    def _go(self, method: str, url: str, **how: Any) -> requests.Response:
        for _ in range(20):
            response = self.session.request(method, url, allow_redirects=False, timeout=TIMEOUT, **how)
            self.hops.append(response)
            location = response.headers.get("Location")
            if location is None:
                return self._show(response)
            assert response.status_code in ((302, 303) if method == "GET" else (303,)), "RFC 9700 4.12"
            method, url, how = "GET", urljoin(response.url, location), {}
        raise AssertionError("more than 20 redirects")

    def _show(self, response: requests.Response) -> requests.Response:
        self.page = response
        assert urlsplit(response.url).scheme == "https"
        found = {shown.attributes.get("id", "") for shown in elements(response)}
        self.shown += [name for name in (LOGIN, CONSENT, FORM_POST, LOGOUT, ERROR, SIGNED_OUT) if name in found]
        return self._run_form_post_script(response) if FORM_POST in found else response

    def _run_form_post_script(self, page: requests.Response) -> requests.Response:
        """The script and the policy must let the page submit itself; without JavaScript its button does."""
        scripts = [found.attributes["src"] for found in elements(page) if found.tag == "script"]
        assert len(scripts) == 1
        assert "'self'" in policy(page)["script-src"]
        script = self.session.get(urljoin(page.url, scripts[0]), timeout=TIMEOUT)
        assert script.status_code == 200
        assert "javascript" in script.headers["Content-Type"]
        assert f'"{FORM_POST}"' in script.text
        assert ".submit()" in script.text
        assert self.form(FORM_POST).buttons, "nothing to press without JavaScript"
        return self.submit(FORM_POST)

    def _check_form_action(self, source: requests.Response, target: str, hops: list[requests.Response]) -> None:
        allowed = policy(source).get("form-action")
        assert allowed is not None
        own = origin_of(source.url)
        for url in (target, *(hop.url for hop in hops)):
            assert origin_of(url) in allowed or (origin_of(url) == own and "'self'" in allowed), (
                f"the policy of {source.url} stops {url}"
            )
