"""demo_unsafe.E001: the twin must never be reachable from a real site."""

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import register as register_check


def register() -> None:
    register_check(check_demo_only)


def check_demo_only(**kwargs: object) -> list[CheckMessage]:
    if settings.DEBUG:
        return []
    return [
        Error(
            "demo_site.unsafe leaves out every check of the flow, and DEBUG is off.",
            hint='It exists to be attacked on one machine. Take "demo_site.unsafe" out of a real site\'s settings.',
            id="demo_unsafe.E001",
        )
    ]
