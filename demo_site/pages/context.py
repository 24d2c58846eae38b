"""What every page's header needs: which origin it is, and the theme."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from demo_site import environment

THEMES = ["auto", "light", "dark"]
THEME_COOKIE = "codeflow_demo_theme"


def origin(request: HttpRequest) -> dict[str, Any]:
    """`site` (role, name, url), `addresses` and `theme`."""
    addresses = environment.addresses()
    if settings.DEMO_ROLE == "provider":
        site = {"role": "server", "name": "Authorization server", "url": addresses.provider}
    else:
        site = {"role": "client", "name": "Client", "url": addresses.client}
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "site": site,
        "addresses": addresses,
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
    }
