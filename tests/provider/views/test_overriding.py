"""Templates of a site's own: the documented blocks exist, and what a site puts into them is what people see."""

import re

import pytest
from django.template.loader import get_template

from codeflow.provider.views import pages
from tests.test_readme import ROOT

pytestmark = pytest.mark.django_db

OWN = {
    "codeflow/provider/base.html": "<html lang='en'><title>{% block title %}{% endblock %}</title>"
    "<body class='our-frame'>{% block main %}{% endblock %}</body></html>",
    "site/consent.html": "{% extends 'codeflow/provider/consent.html' %}"
    "{% block scopes %}{% for scope in scopes %}<i>{{ scope.text }}</i>{% endfor %}{% endblock %}",
}


@pytest.fixture
def own_templates(settings, tmp_path):
    for name, text in OWN.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (options,) = settings.TEMPLATES
    settings.TEMPLATES = [{**options, "DIRS": [tmp_path]}]


def test_base_of_the_site_frames_every_page(own_templates, browser, signed_in, party):
    for answer in (browser.open("/o/login/"), signed_in.open("/o/connected/"), signed_in.authorize(party.request())):
        assert "<body class='our-frame'>" in answer.text
        assert "provider.css" not in answer.text
    assert signed_in.has_form("codeflow-consent")


def test_block_of_the_consent_page_is_replaced_and_the_rest_stays(own_templates, monkeypatch, signed_in, party):
    real = pages.render
    own = {"codeflow/provider/consent.html": "site/consent.html"}
    monkeypatch.setattr(
        pages, "render", lambda request, name, *rest, **more: real(request, own.get(name, name), *rest, **more)
    )
    answer = signed_in.authorize(party.request(scope="openid email"))
    assert "<i>Know who you are</i><i>See your e-mail address</i>" in answer.text
    signed_in.allow()
    assert "code=" in signed_in.location


def test_documented_blocks_exist():
    page = (ROOT / "docs" / "reference" / "pages.md").read_text()
    table = page[page.index("| block |") : page.index("```html")]
    named = {
        name
        for row in table.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`([a-z]+)`", row.split("|")[1])
    }
    sources = [path.read_text() for path in (ROOT / "codeflow").glob("*/templates/codeflow/*/*.html")]
    found = {name for text in sources for name in re.findall(r"\{% block (\w+) %\}", text)}
    assert named == found
    assert get_template("codeflow/provider/base.html")


def test_documented_selectors_exist():
    page = (ROOT / "docs" / "reference" / "pages.md").read_text()
    named = set(re.findall(r"#(codeflow-[a-z-]+)", page))
    templates = "".join(path.read_text() for path in (ROOT / "codeflow/provider/templates/codeflow").rglob("*.html"))
    dynamic = {"codeflow-sent", "codeflow-registered"}
    assert {name for name in named - dynamic if f'id="{name}"' not in templates} == set()
