"""The admin of both roles in a browser: accessible in every look, by keyboard alone, without scripts."""

import pytest
from django.urls import reverse

from codeflow.provider import audit
from codeflow.provider.models import Client
from tests.browser.accessibility import NARROW, WIDE, axe, fits
from tests.browser.person import sign_in_and_allow, tab_to
from tests.provider.factories import PASSWORD

pytestmark = pytest.mark.sqlite

CALLBACK = "https://new.example/auth/callback/acme/"
TABS = ("overview", "change", "people", "tokens", "events", "integration", "trial", "rotate_secret")
LISTS = (
    "client", "accesstoken", "refreshtoken", "authorizationcode", "consent", "providersession", "signingkey", "auditevent",
    "logoutdelivery",
)  # fmt: skip
OURS = ("signinprovider", "identity", "rpsession", "tokengrant")
STILL = "*, *::before, *::after { transition: none !important; }"
"""Django's admin fades from one colour to the next; a contrast is judged when it stands."""


@pytest.fixture
def staff(django_user_model):
    return django_user_model.objects.create_superuser("ada", password=PASSWORD)


@pytest.fixture
def desk(site, page, staff):
    """`page`, signed in to the admin, after somebody's sign-in through both roles left rows on every list."""
    page.goto(f"{site.provider}/admin/")
    page.fill("#id_username", "ada")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#user-tools")
    return page


@pytest.fixture
def used(site, new_page):
    """Both roles after a sign-in, so that no list is empty."""
    page = new_page()
    sign_in_and_allow(page, site)
    page.context.close()
    audit.record("token.refused", client_id="shop", outcome="refused", reason="pkce")


def judge(page):
    """Wide and light, narrow and dark: each rule once in both colours and both widths."""
    page.add_style_tag(content=STILL)
    for viewport, scheme in ((WIDE, "light"), (NARROW, "dark")):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        axe(page)
    fits(page)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


def in_admin(site, model, view, *args, app="codeflow_provider"):
    return site.provider + reverse(f"admin:{app}_{model}_{view}", args=args)


def look_at(page, url):
    assert page.goto(url).status == 200, url
    judge(page)


def test_pages_of_a_client_are_accessible(site, used, desk):
    look_at(desk, in_admin(site, "client", "add"))
    for tab in TABS:
        look_at(desk, in_admin(site, "client", tab, site.client.pk))


def test_lists_of_the_provider_are_accessible(site, used, desk):
    for model in LISTS:
        look_at(desk, in_admin(site, model, "changelist"))
        row = desk.locator("#result_list a[href*='/change/']").first
        if row.count():
            look_at(desk, site.provider + row.get_attribute("href"))


def test_pages_of_the_relying_party_are_accessible(site, used, desk):
    for model in OURS:
        look_at(desk, in_admin(site, model, "changelist", app="codeflow_relying_party"))
    look_at(desk, in_admin(site, "signinprovider", "provider", "acme", app="codeflow_relying_party"))
    desk.click("form[action$='/test/'] button")
    desk.wait_for_selector("#findings")
    judge(desk)


def test_address_is_explained_and_a_secret_is_rotated(site, desk):
    desk.goto(in_admin(site, "client", "trial", site.client.pk))
    desk.fill("#id_text", f"{site.provider}/o/authorize/?client_id=shop&redirect_uri=https://evil.example/")
    desk.click("input[value='Explain']")
    desk.wait_for_selector(".codeflow-verdict")
    judge(desk)
    desk.goto(in_admin(site, "client", "rotate_secret", site.client.pk))
    desk.click("input[value='Make and show the secret']")
    desk.wait_for_selector("#client_secret")
    judge(desk)
    assert site.client.secrets.count() == 2


def test_client_is_added_by_keyboard_alone_and_its_secret_is_shown(site, desk):
    desk.goto(in_admin(site, "client", "add"))
    tab_to(desk, "#id_client_type_0", steps=80)  # past the list of models
    tab_to(desk, "#id_name")
    desk.keyboard.type("New shop")
    tab_to(desk, "#id_redirect_uris")
    desk.keyboard.type(CALLBACK)
    tab_to(desk, "input[name='_save']", steps=80)
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#client_secret")
    judge(desk)
    secret = desk.inner_text("#client_secret")
    client = Client.objects.get(name="New shop")
    assert (client.redirect_uris, client.registered_by) == (CALLBACK, "admin")
    tab_to(desk, ".codeflow-copy-button", steps=80)
    tab_to(desk, ".codeflow-done")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#secrets-group")
    assert secret not in desk.content()


@pytest.mark.parametrize("look", ["no scripts"], indirect=True)
def test_secret_can_be_taken_without_scripts(site, desk):
    desk.goto(in_admin(site, "client", "add"))
    desk.fill("#id_name", "New shop")
    desk.fill("#id_redirect_uris", CALLBACK)
    desk.click("input[name='_save']")
    secret = desk.inner_text("#client_secret")
    assert not desk.locator(".codeflow-copy-button").count()
    with desk.expect_download() as download:
        desk.click("input[value='Download .env']")
    assert secret in download.value.path().read_text()
