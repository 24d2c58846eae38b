"""docs/how-to/sign-in-with.md: it fits a screen, and its code does what it says."""

import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import include, path

from codeflow.relying_party import entries
from codeflow.relying_party.conf import KEYS
from codeflow.relying_party.flow.configuration import QUIRKS
from codeflow.relying_party.flow.presets import PRESETS
from codeflow.relying_party.models import RPSession

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "how-to" / "sign-in-with.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8").partition("\n## Relying party\n")[2]


def block(name: str) -> str:
    return re.findall(rf"^```python\n# {name}\.py\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)[0]


def run(name: str, **names: Any) -> dict[str, Any]:
    names["__name__"] = name
    exec(compile(block(name), f"{name}.py", "exec"), names)  # noqa: S102  # the page's own code is what is tested
    return names


@pytest.fixture
def written(site: Any, op: Any, monkeypatch: Any, tmp_path: Any) -> Any:
    """A site as the page writes it; the provider's address alone is another."""
    monkeypatch.setenv("ACME_ID", site.ACME["client_id"])
    monkeypatch.setenv("ACME_SECRET", site.ACME["client_secret"])
    middleware = [name for name in site.MIDDLEWARE if "codeflow" not in name]
    values = run("settings", INSTALLED_APPS=[], MIDDLEWARE=middleware)
    acme = values["CODEFLOW_RELYING_PARTY"]["PROVIDERS"]["acme"]
    acme.update(issuer=op.issuer, apis={"orders": f"{op.origin}/api/"})
    for name in ("MIDDLEWARE", "AUTHENTICATION_BACKENDS", "CODEFLOW_RELYING_PARTY"):
        setattr(site, name, values[name])
    (tmp_path / "orders.html").write_text("{{ orders.path }}")
    site.TEMPLATES = [{**site.TEMPLATES[0], "DIRS": [str(tmp_path)]}]
    views = run("views")
    module = types.ModuleType("written_urls")
    module.urlpatterns = [path("orders/", views["orders"])]  # type: ignore[attr-defined]  # a URLconf is any module
    run("urls", urlpatterns=module.urlpatterns, path=path, include=include)
    monkeypatch.setitem(sys.modules, "written_urls", module)
    site.ROOT_URLCONF = "written_urls"
    return views


def test_written_site_signs_in_and_calls_the_api(written, browser):
    location = browser.client.get("/orders/").headers["Location"]
    at_provider = browser.client.get(location).headers["Location"]
    assert browser.come_back(browser.op.authorize(at_provider)).headers["Location"] == "/orders/"
    assert browser.client.get("/orders/").content == b"/api/v1/orders"
    written["nightly_report"](RPSession.objects.get().identity.user_id)
    assert browser.op.log[-1].path == "/api/v1/report"


def test_written_link_leads_to_the_sign_in(written):
    link = re.findall(r"`(\{% load .*?%\}\{%.*?%\})`", PAGE)[0]
    context = Context({"request": RequestFactory().get("/page/")})
    assert Template(link).render(context) == "/auth/login/acme/?next=%2Fpage%2F"


def test_page_fits_a_screen():
    assert len(PAGE.splitlines()) <= 64


@pytest.mark.parametrize(
    "name", [*KEYS, *(key for key in entries.PROVIDER_KEYS), *QUIRKS, *PRESETS, *entries.GROUPS_KEYS]
)
def test_setting_is_described(name):
    assert re.search(rf"\b{name}\b", SETTINGS)


def test_groups_of_the_page_are_well_formed():
    groups = eval("{" + re.findall(r'^"groups": .*$', SETTINGS, flags=re.MULTILINE)[0] + "}")  # noqa: S307  # as above
    entry = {"issuer": "https://id.example", "client_id": "shop", **groups}
    assert entries.problems_of("acme", entry) == []
