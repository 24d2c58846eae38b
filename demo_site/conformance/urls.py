"""The provider at the issuer's path, whatever that is, and what its pages load."""

from urllib.parse import urlsplit

from django.contrib.staticfiles.views import serve
from django.urls import URLPattern, URLResolver, include, path

from codeflow.provider.conf import provider_settings


def patterns(issuer: str) -> list[URLPattern | URLResolver]:
    """For the issuer https://op.example/o below o/, for https://op.example at the root."""
    below = f"{urlsplit(issuer).path.strip('/')}/".removeprefix("/")
    return [
        path("static/<path:path>", serve, {"insecure": True}),  # one style sheet and one script, with DEBUG off
        path(below, include("codeflow.provider.urls")),
        path("", include("codeflow.provider.well_known_urls")),
    ]


urlpatterns = patterns(provider_settings.issuer)
