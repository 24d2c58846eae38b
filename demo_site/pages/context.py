"""What every page's header needs: which origin it is, and the theme."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from demo_site import environment

THEMES = ["auto", "light", "dark"]
THEME_COOKIE = "codeflow_demo_theme"


def origin(request: HttpRequest) -> dict[str, Any]:
    """`demo`: role, name and url of this site, both addresses, and the theme. One name, so that no view's own is hidden."""
    addresses = environment.addresses()
    provider = settings.DEMO_ROLE == "provider"
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "demo": {
            "role": "server" if provider else "client",
            "name": "Authorization server" if provider else "Client",
            "url": addresses.provider if provider else addresses.client,
            "addresses": addresses,
            "theme": chosen if chosen in THEMES else "auto",
            "themes": THEMES,
        }
    }
