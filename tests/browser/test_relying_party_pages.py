"""The relying party's pages in a browser: accessible in every look, by keyboard alone, from right to left."""

import copy

import pytest
from django.conf import settings as current

from codeflow.relying_party.flow import documents
from tests.browser.accessibility import axe_in_every_look
from tests.browser.person import sign_in_and_allow, tab_to, to_consent

pytestmark = pytest.mark.sqlite


@pytest.fixture
def acme(settings):
    """The settings of the site's provider, to be changed."""
    settings.CODEFLOW_RELYING_PARTY = copy.deepcopy(current.CODEFLOW_RELYING_PARTY)
    return settings.CODEFLOW_RELYING_PARTY["PROVIDERS"]


def test_no_is_a_page_with_a_way_to_try_again_and_a_way_home(site, page):
    to_consent(page, site)
    page.click("#codeflow-deny")
    page.wait_for_selector("#restart")
    axe_in_every_look(page)
    tab_to(page, "#restart")
    page.keyboard.press("Enter")
    page.wait_for_selector("#codeflow-consent")


def test_attempts_that_are_lost_and_providers_that_are_away(site, page, acme, settings):
    acme["far"] = {**acme["acme"], "issuer": "http://127.0.0.1:9/o", "label": "Far away"}
    for debug in (True, False):
        settings.DEBUG = debug
        answer = page.goto(f"{site.relying_party}/auth/callback/acme/?state=lost&code=x")
        assert answer.status == 400
        axe_in_every_look(page)
    settings.DEBUG = True
    page.goto(f"{site.relying_party}/auth/login/")
    axe_in_every_look(page)
    answer = page.goto(f"{site.relying_party}/auth/login/far/")
    assert answer.status == 503
    axe_in_every_look(page)


def test_link_that_cannot_start_a_sign_in(site, page):
    answer = page.goto(f"{site.relying_party}/auth/initiate/?iss=https://nobody.example")
    assert answer.status == 400
    assert page.inner_text("#title") == "This link cannot start a sign-in"
    axe_in_every_look(page)


def test_answers_that_are_not_trusted_or_not_allowed(site, page, acme):
    acme["wrong"] = {**acme["acme"], "issuer": f"{site.provider}/o/"}
    documents.forget()
    page.goto(f"{site.relying_party}/auth/login/wrong/")
    page.wait_for_selector("#error-difference")
    axe_in_every_look(page)
    acme["acme"]["require_email"] = True
    to_consent(page, site)
    page.click("#codeflow-allow")
    page.wait_for_selector("#email-missing")
    axe_in_every_look(page)


def test_signing_out_here_and_there(site, page, acme):
    acme["acme"]["link"] = "ask"
    sign_in_and_allow(page, site)
    page.goto(f"{site.relying_party}/auth/accounts/")
    axe_in_every_look(page)
    page.goto(f"{site.relying_party}/auth/logout/")
    axe_in_every_look(page)
    page.click("#logout-everywhere")
    page.wait_for_selector("#message")
    axe_in_every_look(page)


def test_pages_read_from_right_to_left(site, page, settings):
    settings.LANGUAGE_CODE = "ar"
    page.goto(f"{site.relying_party}/auth/callback/acme/?state=lost")
    assert page.get_attribute("html", "dir") == "rtl"
    axe_in_every_look(page)
