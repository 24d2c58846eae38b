"""What every page's header needs: which origin it is, where its pages are, and the theme."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from demo_site import environment

THEMES = [("auto", _("auto")), ("light", _("light")), ("dark", _("dark"))]
THEME_COOKIE = "codeflow_demo_theme"
RUN_COOKIES = {"provider": "codeflow_provider_lab", "relying_party": "codeflow_client_lab"}

PAGES = {  # a page stands in the navigation where its address exists
    "relying_party": [
        ("landing", _("Start")),
        ("notes", _("Notes")),
        ("account", _("Account")),
        ("lab_runs", _("Runs")),
        ("lab_attacks", _("Attacks")),
        ("lab_explain", _("Explain a URL")),
        ("lab_glossary", _("Glossary")),
        ("lab_clock", _("Clock")),
    ],
    "provider": [
        ("front_page", _("Front page")),
        ("codeflow_provider:connected", _("Connected applications")),
        ("admin:index", _("Admin")),
    ],
}


def origin(request: HttpRequest) -> dict[str, Any]:
    """`demo`: role, name and url of this site, both addresses, and the theme. One name, so that no view's own is hidden."""
    addresses = environment.addresses()
    provider = settings.DEMO_ROLE == "provider"
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "demo": {
            "role": "server" if provider else "client",
            "name": _("Authorization server") if provider else _("Client"),
            "url": addresses.provider if provider else addresses.client,
            "addresses": addresses,
            "pages": list(_pages(settings.DEMO_ROLE)),
            "run_url": _run_url(request, addresses),
            "theme": chosen if chosen in dict(THEMES) else "auto",
            "themes": THEMES,
            "languages": settings.LANGUAGES,
        }
    }


def _pages(role: str) -> Iterator[dict[str, Any]]:
    for name, title in PAGES[role]:
        try:
            yield {"url": reverse(name), "title": title}
        except NoReverseMatch:
            continue


def _run_url(request: HttpRequest, addresses: environment.Addresses) -> str:
    """Where this browser's newest run is shown; always at the client."""
    try:
        run_id = uuid.UUID(hex=request.COOKIES.get(RUN_COOKIES[settings.DEMO_ROLE], ""))
    except ValueError:
        return ""
    return f"{addresses.client}/lab/runs/{run_id}/"
