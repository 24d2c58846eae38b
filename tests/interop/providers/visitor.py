"""A person with a browser at somebody else's provider: signs in, allows, and is stopped on the way back to the site."""

import re
from urllib.parse import urljoin

import requests

from tests.end_to_end.browser import Form, forms_of
from tests.interop.providers.processes import ADDRESSES

SITE = "/".join(ADDRESSES["redirect_uri"].split("/")[:3])
NAMES, PASSWORDS = ("username", "login"), ("password",)
ALLOW = {"allow": "Authorize", "action": "grant"}
"""What the buttons that say yes are called."""


class Visitor:
    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def close(self) -> None:
        self.session.close()

    def go(self, url: str) -> str:
        """Everything that the provider's pages ask for is answered; the address of the site where that ends."""
        response = self._get(url)
        for _ in range(30):
            location = response.headers.get("Location", "")
            if location:
                url = urljoin(response.url, location)
                if url.startswith(SITE):
                    return url
                response = self._get(url)
            else:
                response = self._fill_in(response)
        raise AssertionError(f"more than 30 pages, the last one {response.url}:\n{response.text[:2000]}")

    def _get(self, url: str) -> requests.Response:
        return self.session.get(url, allow_redirects=False, timeout=20)

    def _fill_in(self, response: requests.Response) -> requests.Response:
        found = [form for form in forms_of(response) if form.method == "post"]
        assert found, f"{response.status_code} {response.url}: no form to fill in:\n{response.text[:2000]}"
        assert response.status_code < 500, response.text[:2000]
        form = found[0]
        headers = {"Referer": response.url, "Origin": "/".join(response.url.split("/")[:3])}
        target = urljoin(response.url, form.action or response.url)
        answers = [*self._answers(form).items(), *_ticked(response.text)]
        return self.session.post(target, answers, headers=headers, allow_redirects=False, timeout=20)

    def _answers(self, form: Form) -> dict[str, str]:
        answers = {name: value for name, value in form.fields.items() if name != "scopes"}
        for name in answers:
            if name in NAMES:
                answers[name] = "alice"
            elif name in PASSWORDS:
                answers[name] = "password of alice"
        named = [(name, value) for name, value in form.buttons if name]
        yes = [(name, value) for name, value in named if ALLOW.get(name) == value]
        return answers | dict(yes or named[:1])


def _ticked(page: str) -> list[tuple[str, str]]:
    """Every box of the consent page: what is asked for is allowed."""
    boxes = [tag for tag in re.findall(r"<input[^>]*>", page) if 'type="checkbox"' in tag and 'name="scopes"' in tag]
    return [("scopes", value) for tag in boxes for value in re.findall(r'value="([^"]*)"', tag)]
