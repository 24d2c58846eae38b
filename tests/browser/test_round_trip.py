"""The whole trip in a real browser: by mouse, by keyboard alone, without scripts."""

import pytest

from tests.browser.person import sign_in_and_allow, tab_to, to_consent
from tests.provider.factories import PASSWORD

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize("look", ["wide", "narrow", "no scripts"], indirect=True)
def test_person_signs_in_allows_and_sees_what_they_asked_for(site, page):
    sign_in_and_allow(page, site)
    assert page.text_content("#note") == "a note of alice"


def test_person_signs_in_and_allows_by_keyboard_alone(site, page):
    page.goto(f"{site.relying_party}/notes/")
    tab_to(page, "#id_username")
    page.keyboard.type("alice")
    tab_to(page, "#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#codeflow-consent")
    tab_to(page, "#codeflow-allow")
    page.keyboard.press("Space")
    page.wait_for_url(f"{site.relying_party}/notes/")
    assert page.text_content("#note") == "a note of alice"


@pytest.mark.spec("RFC 9700", "4.16", "form-action does not stop the redirect back to the client")
def test_policy_of_the_consent_page_lets_the_person_go_back(site, page):
    to_consent(page, site)
    with page.expect_response(lambda response: "/auth/callback/acme/" in response.url) as callback:
        page.click("#codeflow-deny")
    assert callback.value.status == 200
    assert page.text_content("#title") == "Sign-in was cancelled"
