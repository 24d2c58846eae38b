"""The provider's pages in a browser: accessible in every look, by keyboard alone, without scripts, from right to left."""

from datetime import timedelta
from unittest.mock import Mock
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.utils import timezone

from codeflow.provider.models import Consent
from tests.browser.accessibility import axe_in_every_look, fits
from tests.browser.person import log_in, sign_in_and_allow, tab_to, to_consent
from tests.provider.factories import ClientFactory, ConsentFactory

pytestmark = pytest.mark.sqlite

WRONG = "/o/authorize/?client_id=shop&redirect_uri=https://evil.example/&response_type=code&scope=openid"


@pytest.fixture
def notes(site):
    """The client of the site with everything that the consent page can show."""
    site.client.maker = "Example Ltd"
    site.client.policy_uri = site.client.tos_uri = f"{site.relying_party}/"
    site.client.contact = "support@notes.example"
    site.client.optional_scope = "email notes.read"
    site.client.save()
    return site.client


def connect(site, *, number=3):
    """Applications that the person has let in, one of them long ago."""
    for place in range(number):
        client = ClientFactory(name=f"Application {place}", maker="Example Ltd", maker_verified=bool(place % 2))
        ConsentFactory(user=site.person, client=client, text={"openid": "Know who you are"})
    oldest = Consent.objects.order_by("pk").first()
    Consent.objects.filter(pk=oldest.pk).update(updated=timezone.now() - timedelta(days=400))
    return oldest.client


def sign_in(page, site):
    page.goto(f"{site.provider}/o/login/")
    log_in(page)
    page.wait_for_selector("#codeflow-signed-in")


def test_pages_on_the_way_in_are_accessible(site, notes, page):
    page.goto(f"{site.relying_party}/notes/")
    page.wait_for_selector("#codeflow-login")
    axe_in_every_look(page)
    log_in(page, password="wrong")
    page.wait_for_selector("#codeflow-login-error")
    axe_in_every_look(page)
    log_in(page)
    page.wait_for_selector("#codeflow-consent")
    for more in page.locator("summary").all():
        more.click()
    axe_in_every_look(page)


def test_error_pages_are_accessible(site, notes, page, settings):
    for debug in (True, False):
        settings.DEBUG = debug
        answer = page.goto(f"{site.provider}{WRONG}")
        assert answer.status == 400
        assert page.locator("#codeflow-developer").count() == int(debug)
        axe_in_every_look(page)
    page.goto(f"{site.provider}/o/errors/")
    axe_in_every_look(page)
    page.click("a[href$='/redirect-uri-mismatch/']")
    axe_in_every_look(page)


def test_pages_between_two_sign_ins_and_without_a_database_are_accessible(site, page, settings, monkeypatch):
    sign_in(page, site)
    settings.LOGIN_URL = "admin:login"
    sent = {
        "client_id": "shop",
        "redirect_uri": site.client.redirect_uris,
        "response_type": "code",
        "scope": "openid",
        "prompt": "login",
        "nonce": "n",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    page.goto(f"{site.provider}/o/authorize/?{urlencode(sent)}")
    page.wait_for_selector("#codeflow-sign-in-again")
    axe_in_every_look(page)
    monkeypatch.setattr("codeflow.provider.views.login.asking", Mock(side_effect=OperationalError("gone")))
    answer = page.goto(f"{site.provider}/o/login/")
    assert answer.status == 503
    axe_in_every_look(page)


def test_connected_applications_are_accessible(site, page):
    oldest = connect(site)
    sign_in(page, site)
    axe_in_every_look(page)
    for path in ("", f"{oldest.pk}/", f"{oldest.pk}/remove/", "remove-all/", "activity/"):
        page.goto(f"{site.provider}/o/connected/{path}")
        axe_in_every_look(page)


def test_sign_out_pages_are_accessible(site, page):
    sign_in(page, site)
    page.goto(f"{site.provider}/o/logout/")
    axe_in_every_look(page)
    page.click("#codeflow-logout button")
    page.wait_for_selector("#codeflow-signed-out")
    axe_in_every_look(page)


def test_application_is_removed_by_keyboard_alone(site, page):
    client = connect(site, number=1)
    sign_in(page, site)
    page.goto(f"{site.provider}/o/connected/")
    tab_to(page, f"#application-{client.pk} .remove")
    page.keyboard.press("Enter")
    page.wait_for_selector("#codeflow-remove")
    tab_to(page, "#codeflow-remove button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#codeflow-removed")
    assert page.inner_text("#codeflow-removed") == "Access of one application is removed."
    assert not Consent.objects.exists()


@pytest.mark.parametrize("look", ["no scripts"], indirect=True)
def test_connected_applications_need_no_scripts(site, page):
    connect(site, number=2)
    sign_in(page, site)
    page.goto(f"{site.provider}/o/connected/")
    page.click("#codeflow-remove-all")
    page.click("#codeflow-remove button")
    page.wait_for_selector("#codeflow-none")
    assert not Consent.objects.exists()


def test_unticked_scope_is_not_granted(site, notes, page):
    to_consent(page, site)
    page.uncheck("#scope-email input")
    page.click("#codeflow-allow")
    page.wait_for_url(f"{site.relying_party}/notes/")
    assert "email" not in Consent.objects.get().scope.split()


def test_buttons_are_of_one_size_and_neither_has_the_focus(site, page):
    to_consent(page, site)
    allow, deny = page.locator("#codeflow-allow").bounding_box(), page.locator("#codeflow-deny").bounding_box()
    assert abs(allow["width"] - deny["width"]) < 1
    assert allow["height"] == deny["height"] >= 44
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_not_you_signs_in_somebody_else_and_keeps_the_request(site, page, django_user_model):
    django_user_model.objects.create_user("bob", password="tea for two")
    to_consent(page, site)
    page.click("#codeflow-switch-account")
    log_in(page, "bob", "tea for two")
    page.wait_for_selector("#codeflow-consent")
    assert "bob" in page.inner_text("main")
    page.click("#codeflow-allow")
    page.wait_for_url(f"{site.relying_party}/notes/")
    assert page.text_content("#note") == "a note of bob"


def test_consent_page_does_not_come_back_after_the_sign_out(site, page):
    to_consent(page, site)
    page.goto(f"{site.provider}/o/logout/")
    page.click("#codeflow-logout button")
    page.wait_for_selector("#codeflow-signed-out")
    for _ in range(2):
        page.go_back()
        assert page.locator("#codeflow-consent").count() == 0
        assert "alice" not in page.inner_text("main")


def test_consent_page_answered_once_cannot_be_answered_by_going_back(site, page):
    sign_in_and_allow(page, site)
    page.go_back()
    page.wait_for_load_state()
    assert page.locator("#codeflow-consent").count() == 0


def test_pages_read_from_right_to_left(site, notes, page, settings):
    settings.LANGUAGE_CODE = "ar"
    to_consent(page, site)
    assert page.get_attribute("html", "dir") == "rtl"
    allow, deny = page.locator("#codeflow-allow").bounding_box(), page.locator("#codeflow-deny").bounding_box()
    assert allow["x"] > deny["x"]
    axe_in_every_look(page)


def test_german_fits_a_narrow_window(site, notes, new_page, settings):
    settings.LANGUAGE_CODE = "de"
    page = new_page("narrow")
    to_consent(page, site)
    fits(page)
    assert page.inner_text("#codeflow-allow") == "Zustimmen"
    connect(site)
    for path in ("/o/login/", "/o/connected/", "/o/logout/", "/o/errors/", WRONG):
        page.goto(f"{site.provider}{path}")
        assert page.get_attribute("html", "lang") == "de"
        fits(page)


def test_long_names_fit_a_narrow_window(site, new_page):
    site.client.name = "Supercalifragilisticexpialidocious" * 4
    site.client.maker = "M" * 200
    site.client.save()
    page = new_page("narrow")
    to_consent(page, site)
    fits(page)


def test_page_magnified_twice_needs_no_scrolling_to_the_side(site, notes, new_page):
    page = new_page("narrow", viewport={"width": 320, "height": 256})
    to_consent(page, site)
    fits(page)
