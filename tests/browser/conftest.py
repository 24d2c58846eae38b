"""A Chromium in front of a site with both roles: the provider at localhost, the relying party at 127.0.0.1.

`page` is a window of a fresh profile. Looks other than wide and light: `@pytest.mark.parametrize("look", [...], indirect=True)` or
`new_page("narrow")`. Whatever a page asks for beyond loopback, and every complaint of its console, fails the test.

    def test_…(site, page):
        page.goto(f"{site.relying_party}/notes/")
        axe_in_every_look(page)
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings

from tests.browser import chromium
from tests.browser.accessibility import NARROW, WIDE
from tests.browser.person import sign_in_and_allow
from tests.end_to_end.in_process.conftest import Site
from tests.end_to_end.in_process.conftest import site as two_roles
from tests.provider.conftest import _empty_process, _key_pool, live_server

__all__ = ["_empty_process", "_key_pool", "live_server", "two_roles"]

LOOKS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": WIDE},
    "narrow": {"viewport": NARROW},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "no scripts": {"viewport": WIDE, "java_script_enabled": False},
}

SECONDS = 10
"""How long anything on a page may take."""

LOOPBACK = frozenset({"localhost", "127.0.0.1"})

STATUS = "Failed to load resource: the server responded with a status of"
"""What Chromium's console says of every error page; the tests look at the page."""


@pytest.fixture(scope="package")
def chromium_browser() -> Iterator[Any]:
    """One browser for all tests of this folder that run in a row. Playwright's event loop belongs to this thread while it
    lives, and Django's ORM would not work beside it unless told so; outside this folder neither must be noticed.
    """
    path = chromium.executable_path()
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r requirements.txt")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        driver = stack.enter_context(sync_api.sync_playwright())
        browser = driver.chromium.launch(
            executable_path=path,
            args=chromium.flags(),
            ignore_default_args=["--disable-back-forward-cache"],  # going back must be what it is for people
        )
        stack.callback(browser.close)
        yield browser


@pytest.fixture
def new_page(chromium_browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens windows, each in a profile of its own: `new_page("dark")`, `new_page("wide", locale="ar")`."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def open_page(look: str = "wide", **more: Any) -> Any:
            context = chromium_browser.new_context(**{**LOOKS[look], **more})
            stack.callback(context.close)
            context.set_default_timeout(SECONDS * 1000)
            context.on("request", lambda request: complaints.extend(leaves_loopback(request.url)))
            context.on("console", lambda message: complaints.extend(complaint(message)))
            context.on("weberror", lambda error: complaints.append(str(error.error)))
            return context.new_page()

        yield open_page
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def look(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "wide"))


@pytest.fixture
def page(new_page: Callable[..., Any], look: str) -> Any:
    return new_page(look)


@pytest.fixture
def site(two_roles: Site, settings: LazySettings) -> Site:
    """Both roles and the admin, under a policy that lets a page have nothing but this site's own files."""
    settings.ROOT_URLCONF = "tests.browser.urls"
    settings.MIDDLEWARE = ["tests.browser.policy.StrictPolicyMiddleware", *settings.MIDDLEWARE]
    return two_roles


@pytest.fixture
def signed_in(site: Site, page: Any) -> Any:
    """`page`, after a sign-in through both roles: on the relying party's /notes/."""
    sign_in_and_allow(page, site)
    return page


def leaves_loopback(url: str) -> list[str]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "ws", "wss") or parts.hostname in LOOPBACK:
        return []
    return [f"a page asked for {url}"]


def complaint(message: Any) -> list[str]:
    """An error of the console: a policy that was broken, a file that is missing, a script that failed."""
    if message.type != "error" or message.text.startswith(STATUS):
        return []
    return [f"{message.text} ({message.location.get('url', '')})"]
