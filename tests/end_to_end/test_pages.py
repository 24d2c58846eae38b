"""The pages around the flow: no address leads to a page that does not say whose it is, and both languages can be chosen."""

import pytest

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import RunningDemo

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("path", ["nope", "nope/", f"lab/runs/{NOBODY}/", "lab/attacks/nothing/"])
def test_client_has_its_own_page_for_an_address_that_leads_nowhere(
    demo: RunningDemo, browser: Browser, path: str
) -> None:
    page = browser.open(f"{demo.client}/{path}")
    assert page.status_code == 404
    assert f"Client · {demo.client}" in page.text
    assert "URLconf" not in page.text


def test_server_has_its_own_page_for_an_address_that_leads_nowhere(demo: RunningDemo, browser: Browser) -> None:
    page = browser.open(f"{demo.provider}/nope/")
    assert page.status_code == 404
    assert f"Authorization server · {demo.provider}" in page.text


def test_lab_at_the_server_is_the_lab_at_the_client(demo: RunningDemo, browser: Browser) -> None:
    assert browser.open(f"{demo.provider}/lab/attacks/?from=here").url == f"{demo.client}/lab/attacks/?from=here"


def test_server_leads_to_its_connected_applications(demo: RunningDemo, browser: Browser) -> None:
    assert 'href="/o/connected/"' in browser.open(f"{demo.provider}/").text


@pytest.mark.parametrize("site", ["client", "provider"])
def test_language_is_chosen_by_a_form_and_kept_by_a_cookie_of_that_site(
    demo: RunningDemo, browser: Browser, site: str
) -> None:
    url = f"{getattr(demo, site)}/"
    assert '<html lang="en"' in browser.open(url).text
    browser.submit("languages", button=("language", "de"))
    assert '<html lang="de"' in browser.open(url).text
    browser.submit("languages", button=("language", "en"))
    assert '<html lang="en"' in browser.open(url).text


def test_landing_page_leads_to_the_attacks(demo: RunningDemo, browser: Browser) -> None:
    main = browser.open(f"{demo.client}/").text.partition("<main")[2]
    assert 'href="/lab/attacks/"' in main
