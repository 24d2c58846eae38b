"""A debug page that shows where it broke, but neither variables nor what was posted: both can be codes and tokens."""

from collections.abc import ItemsView
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

_NOTHING: dict[str, Any] = {}


class NoVariables(SafeExceptionReporterFilter):
    """Hides what Django shows with DEBUG on, in its page and in its error mails."""

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: TracebackType
    ) -> ItemsView[str, Any]:
        return _NOTHING.items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        return {}
