"""The pages people see, the admin, and the template tags."""

import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.template import Context, Template
from django.test import Client

import codeflow.relying_party
from codeflow.relying_party.models import TokenGrant, UsedLogoutToken

TEMPLATES = sorted((Path(codeflow.relying_party.__file__).parent / "templates/codeflow/relying_party").glob("*.html"))


def test_choice_of_providers_keeps_next(browser, site):
    site.CODEFLOW_RELYING_PARTY["PROVIDERS"]["other"] = {**site.ACME, "label": "Other & Co"}
    page = browser.client.get("/auth/login/?next=/account/").content.decode()
    assert 'id="provider-acme" href="/auth/login/acme/?next=%2Faccount%2F"' in page
    assert "Sign in with Other &amp; Co" in page
    assert "next=" not in browser.client.get("/auth/login/?next=//evil.example").content.decode()


def test_single_provider_needs_no_choice(browser):
    assert browser.client.get("/auth/login/").headers["Location"] == "/auth/login/acme/"


def test_no_provider_says_so(browser, site):
    site.CODEFLOW_RELYING_PARTY = {}
    assert "No sign-in service is set up." in browser.client.get("/auth/login/").content.decode()


def test_unusable_provider_is_a_page_and_an_error_in_the_log(browser, site, caplog):
    site.CODEFLOW_RELYING_PARTY["PROVIDERS"]["broken"] = {}
    assert browser.client.get("/auth/login/broken/").status_code == 400
    assert browser.client.get("/auth/login/").status_code == 200
    assert "ERROR" in [record.levelname for record in caplog.records]


@pytest.mark.spec("RFC 6749", "10.14", "RP-19 RP-20: the provider's text is escaped, its links are not offered")
@pytest.mark.parametrize("debug", [True, False])
def test_providers_text_is_never_markup(browser, site, debug):
    query = browser.start()
    browser.op.callback_parameters.update(
        code=None, error="invalid_scope", error_description="<script>alert(1)</script>", error_uri="javascript:alert(1)"
    )
    if not debug:
        site.CODEFLOW_RELYING_PARTY["PUBLIC_URL"] = "http://testserver"
    answer = browser.op.authorize(query)
    site.DEBUG = debug
    page = browser.come_back(answer).content.decode()
    assert "<script" not in page
    assert "javascript:" not in page
    assert ('id="developer"' in page) is debug


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_script_no_style_and_no_foreign_address(path):
    text = path.read_text()
    assert not re.search(r"<script|<style|style=|\son[a-z]+=|https?://", text)


def test_admin_shows_no_token(browser):
    browser.sign_in()
    grant = TokenGrant.objects.get()
    UsedLogoutToken.objects.create(jti="j", expires_at=1)
    get_user_model().objects.create_superuser("admin", password="admin")
    admin = Client()
    admin.login(username="admin", password="admin")
    site_urls = "tests.projects.relying_party_only.urls"
    shown = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.ROOT_URLCONF", site_urls)
        for model in ("identity", "tokengrant", "rpsession"):
            listed = admin.get(f"/admin/codeflow_relying_party/{model}/")
            assert listed.status_code == 200
            (pk,) = re.findall(rf"/codeflow_relying_party/{model}/(\d+)/change/", listed.content.decode())[:1]
            change = admin.get(f"/admin/codeflow_relying_party/{model}/{pk}/change/")
            assert change.status_code == 200
            assert admin.get(f"/admin/codeflow_relying_party/{model}/add/").status_code == 403
            shown += listed.content.decode() + change.content.decode()
    assert grant.tokens not in shown
    assert grant.held.access_token not in shown
    assert str(UsedLogoutToken.objects.get()) == "j"


def test_tags(site):
    template = Template(
        "{% load codeflow_relying_party %}{% oidc_login_url 'acme' next='/a/' %} {% oidc_login_url next='//evil' %} "
        "{% oidc_providers next='/b/' as providers %}{% for item in providers %}{{ item.label }} {{ item.login_url }}{% endfor %}"
    )
    assert template.render(Context()) == (
        "/auth/login/acme/?next=%2Fa%2F /auth/login/ acme /auth/login/acme/?next=%2Fb%2F"
    )


def test_public_names_are_found_late():
    assert codeflow.relying_party.oidc_required
    assert codeflow.relying_party.api.for_user
    with pytest.raises(AttributeError):
        _ = codeflow.relying_party.nothing
