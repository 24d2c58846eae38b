"""The demo in German, for browsers that ask for it; everybody else reads English."""

import pytest

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import RunningDemo

PAGES = {
    "client/": "Meine Notizen öffnen",
    "client/lab/": "Läufe",
    "client/lab/attacks/": "Versuchen Sie einen Angriff",
    "client/lab/attacks/state/": "Wer wird Sie aufhalten?",
    "client/lab/explain/": "Eine URL erklären",
    "client/lab/glossary/": "Glossar",
    "client/auth/callback/demo/?code=x&state=y&error=access_denied": "Dieser Anmeldeversuch gilt nicht mehr",
    "provider/": "Der Autorisierungsserver",
}


@pytest.mark.parametrize(("page", "said"), PAGES.items())
def test_page_is_german_where_the_browser_asks_for_german(
    demo: RunningDemo, browser: Browser, page: str, said: str
) -> None:
    site, _, path = page.partition("/")
    browser.session.headers["Accept-Language"] = "de"
    answer = browser.open(f"{getattr(demo, site)}/{path}")
    assert '<html lang="de"' in answer.text
    assert said in answer.text


@pytest.mark.parametrize("asked", ["", "fr", "en-GB,en;q=0.8"])
def test_page_is_english_for_every_other_browser(demo: RunningDemo, browser: Browser, asked: str) -> None:
    browser.session.headers["Accept-Language"] = asked
    assert "Open my notes" in browser.open(f"{demo.client}/").text


def test_explanation_of_a_pasted_url_is_german_to_the_last_word_of_the_server(
    demo: RunningDemo, browser: Browser
) -> None:
    browser.session.headers["Accept-Language"] = "de"
    browser.open(f"{demo.client}/lab/explain/")
    pasted = f"{demo.provider}/o/authorize/?client_id=notes&response_type=code&redirect_uri={demo.client}/elsewhere/"
    answer = browser.submit("explain", pasted=pasted)
    assert "am nächsten kommt die registrierte" in answer.text
