"""docs/reference/pages.md: what it promises is on each page, and what the suite's browser relies on is promised."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client as Browser

from codeflow.provider import clients, keys
from codeflow.provider.flow import step2_authorization_request
from codeflow.provider.models import Client
from codeflow.provider.views import authorization
from demo_site.conformance import browser as suite_browser
from demo_site.conformance import registration
from demo_site.conformance.configuration import FRONTCHANNEL, ROLES, Configuration, StaticClient

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "reference" / "pages.md"
TEMPLATES = ROOT / "codeflow" / "provider" / "templates" / "codeflow" / "provider"

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

_STEP = re.compile(r"([a-z]*)(#[\w-]+)?(\.[\w-]+)?((?:\[[\w-]+=[\w-]+\])*)")
_VOID = ("input", "meta", "link", "br", "img", "hr")


def documented() -> dict[str, list[list[str]]]:
    """Page → its tables of selectors; sections that have none are left out."""
    pages: dict[str, list[list[str]]] = {}
    section, selectors = "", None
    for line in PAGES.read_text("utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif not line.startswith("|"):
            selectors = None  # the table has ended
        elif line.startswith("| selector"):
            selectors = []
            pages.setdefault(section, []).append(selectors)
        elif selectors is not None:
            selectors += re.findall(r"`([^`]+)`", line.split("|")[1])
    return pages


class _Matcher(HTMLParser):
    """Counts the elements that `selector` matches: tag, #id, .class and [attribute=value], steps apart by a space."""

    def __init__(self, selector: str) -> None:
        super().__init__()
        self.steps = [_STEP.fullmatch(step) for step in selector.split()]
        self.open: list[tuple[str, dict[str, str]]] = []
        self.found = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append((tag, {name: value or "" for name, value in attrs}))
        *outer, last = self.steps
        above = iter(self.open[:-1])
        if _fits(last, *self.open[-1]) and all(any(_fits(step, *held) for held in above) for step in outer):
            self.found += 1
        if tag in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass


def _fits(step: "re.Match[str] | None", tag: str, held: dict[str, str]) -> bool:
    assert step is not None, "write the selector in a form this test reads"
    name, element_id, css_class, attributes = step.groups(default="")
    return (
        name in ("", tag)
        and element_id[1:] in ("", held.get("id"))
        and css_class[1:] in ("", *held.get("class", "").split())
        and all(held.get(key) == value for key, value in re.findall(r"\[([\w-]+)=([\w-]+)\]", attributes))
    )


def count_of(selector: str, page: Any) -> int:
    matcher = _Matcher(selector)
    matcher.feed(page.content.decode())
    return matcher.found


@pytest.fixture
def configuration(settings: Any) -> Configuration:
    clients._known.clear()
    keys._signing.clear()
    made = Configuration(
        issuer=settings.OAUTH2_PROVIDER["OIDC_ISS_ENDPOINT"],
        suite="https://suite.example",
        alias="codeflow",
        redirect_uris=("https://suite.example/test/a/codeflow/callback",),
        logout=FRONTCHANNEL,
        clients=tuple(StaticClient(role=role, client_id=role, client_secret="secret") for role in ROLES),
        username="charlotte",
        password="password",
    )
    registration.prepare(made)
    return made


class Visit:
    """A person's way through the pages, in process."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.browser = Browser()

    def get(self, address: str, **query: str) -> Any:
        return self.browser.get(f"/o/{address}", query, secure=True, follow=True)

    def authorize(self, **changes: str) -> Any:
        good = {
            "response_type": "code",
            "client_id": "client",
            "redirect_uri": self.configuration.redirect_uris[0],
            "scope": "openid",
        }
        return self.get("authorize/", **{**good, **changes})

    def sign_in(self, next_url: str, password: str = "password") -> Any:
        fields = {"username": "charlotte", "password": password, "next": next_url}
        return self.browser.post("/o/login/", fields, secure=True, follow=True)

    def consent_page(self, **changes: str) -> Any:
        return self.sign_in(self.authorize(**changes).context["next"])

    def decide(self, page: Any) -> Any:
        fields = {"decision": page.context["decision_id"], "allow": "yes"}
        return self.browser.post("/o/consent/", urlencode(fields), _FORM, secure=True)

    def tables(self, page: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
        """For each table of the page's section, in order, the pages that have its selectors between them."""
        if page == "Sign in":
            yield [self.sign_in(self.authorize(login_hint="charlotte").context["next"], password="wrong")]
            self.consent_page()
            yield [self.get("login/")]
        elif page == "Sign in again":
            self.consent_page()
            monkeypatch.setattr(authorization, "turns_signed_in_people_away", lambda login_url: True)
            yield [self.authorize(prompt="login")]
        elif page == "Consent":
            Client.objects.update(scope="openid email notes.read", optional_scope="email", maker="A maker")
            yield [self.consent_page(scope="openid email notes.read")]
        elif page == "Going back":
            yield [self.decide(self.consent_page(response_mode="form_post"))]
        elif page == "Error":
            get_user_model().objects.update(is_staff=True)
            self.consent_page()
            yield [self.authorize(redirect_uri="https://elsewhere.example/"), self.authorize(client_id="nobody")]
            yield [self.get("errors/")]
        elif page == "Try again shortly":
            monkeypatch.setattr(step2_authorization_request, "check_destination", _database_is_away)
            yield [self.authorize()]
        elif page == "Sign out":
            self.consent_page()
            yield [self.get("logout/")]
        elif page == "Signed out":
            self.decide(self.consent_page())
            sealed = self.get(
                "logout/", client_id="client", post_logout_redirect_uri=self.configuration.post_logout_redirect_uri
            ).context["confirmed"]
            signed_out = self.browser.post("/o/logout/", f"confirmed={sealed}", _FORM, secure=True)
            yield [signed_out]
            yield [signed_out]
        elif page == "Connected applications":
            self.decide(self.consent_page())
            row = Client.objects.get(client_id="client").pk
            listed, one, activity, asked = (
                self.get(f"connected/{address}") for address in ("", f"{row}/", "activity/", f"{row}/remove/")
            )
            done = self.browser.post(f"/o/connected/{row}/remove/", secure=True)
            yield [_numbered(listed, row), self.browser.get(done.headers["Location"], secure=True)]
            yield [one, activity]
            yield [asked]


def _numbered(page: Any, row: int) -> Any:
    """With the number that the page's example has."""
    page.content = page.content.replace(f'"application-{row}"'.encode(), b'"application-7"')
    return page


_FORM = "application/x-www-form-urlencoded"


def _database_is_away(parameters: object) -> None:
    raise OperationalError("away")


@pytest.mark.parametrize("page", documented())
def test_each_documented_selector_is_on_its_page(page, configuration, monkeypatch):
    tables = documented()[page]
    answers = list(Visit(configuration).tables(page, monkeypatch))
    assert len(answers) == len(tables)
    for selectors, pages in zip(tables, answers, strict=True):
        for selector in selectors:
            shown = "\n".join(one.content.decode() for one in pages)
            assert {count_of(selector, one) for one in pages} in ({1}, {0, 1}), f"{selector} in\n{shown}"


def test_each_id_of_a_template_is_documented():
    text = PAGES.read_text("utf-8")
    ids = {
        found
        for template in TEMPLATES.glob("*.html")
        for found in re.findall(r'\bid="(codeflow-[\w-]+)"', template.read_text("utf-8"))
    }
    assert ids
    assert [name for name in sorted(ids) if f"`#{name}" not in text] == []


def test_what_the_suites_browser_relies_on_is_documented():
    promised = {selector for tables in documented().values() for table in tables for selector in table}
    used = {suite_browser.LOGIN, suite_browser.ALLOW, suite_browser.LOGOUT, suite_browser.ERROR}
    used |= {suite_browser.SIGNED_OUT, f"{suite_browser.LOGIN} button", f"{suite_browser.LOGOUT} button"}
    used |= {"#id_username", "#id_password"}
    assert used <= promised
