"""The strictest Content-Security-Policy that a site may have and codeflow's pages still work."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from codeflow.core.uris import origin_of


class StrictPolicyMiddleware:
    """No script but the admin's, no inline style, no foreign file. Pages with a policy of their own keep it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", strict_policy(request.path))
        return response


def strict_policy(path: str) -> str:
    """`form-action` names the provider, where a sign-out at both sites leads on to."""
    script = "script-src 'self'; " if path.startswith("/admin/") else ""
    provider = origin_of(settings.OAUTH2_PROVIDER["OIDC_ISS_ENDPOINT"])
    return (
        f"default-src 'none'; {script}style-src 'self'; img-src 'self' data:; "
        f"form-action 'self' {provider}; frame-ancestors 'none'; base-uri 'none'"
    )
