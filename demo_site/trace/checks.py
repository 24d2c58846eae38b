"""demo_trace.E001: the trace keeps tokens in full, so it may run in the demo alone."""

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_full_capture(**kwargs: object) -> list[CheckMessage]:
    if settings.DEBUG:
        return []
    return [
        Error(
            "demo_site.trace keeps codes and tokens in full, and DEBUG is off.",
            hint='The demo is for one machine. Take "demo_site.trace" and its middleware out of a real site\'s settings.',
            id="demo_trace.E001",
        )
    ]
