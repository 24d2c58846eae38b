"""Three small things around every page of both sites: security headers, a page for the wrong host name, and one for none."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from codeflow.core.uris import origin_of
from demo_site import environment

GetResponse = Callable[[HttpRequest], HttpResponse]


class SecurityHeadersMiddleware:
    """Adds what a response does not say itself; a header that a view has set stays as it is."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")  # no-referrer would send Origin: null
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if "html" in response.headers.get("Content-Type", ""):
            response.headers.setdefault("Content-Security-Policy", _policy(request.path))
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _policy(path: str) -> str:
    """The demo's own pages need one style sheet, a run page one small script; Django's admin needs its scripts and icons too."""
    own = "default-src 'none'; style-src 'self'; img-src 'self'"
    if path.startswith("/admin/"):
        own = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:"
    elif path.startswith("/lab/runs/"):  # live.js asks for what is new
        own += "; script-src 'self'; connect-src 'self'"
    return f"{own}; base-uri 'none'; frame-ancestors 'none'; form-action {' '.join(_form_targets(path))}"


def _form_targets(path: str) -> list[str]:
    """Where a form's answer may lead: Chromium also holds the redirect after a POST to `form-action`."""
    if path.startswith("/admin/"):
        return ["'self'"]
    if settings.DEMO_ROLE == "provider":
        return ["'self'", environment.addresses().client]  # sign-out ends at the client
    providers: Mapping[str, Mapping[str, str]] = getattr(settings, "CODEFLOW_RELYING_PARTY", {})["PROVIDERS"]
    issuers = [provider["issuer"] for provider in providers.values()]
    return ["'self'", *dict.fromkeys(origin_of(issuer) for issuer in issuers)]  # sign-out at both passes the provider


class RightNameMiddleware:
    """Cookies belong to host names and ignore ports, so each site answers to one name only, and says so."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        addresses = environment.addresses()
        right = addresses.provider if settings.DEMO_ROLE == "provider" else addresses.client
        asked = f"http://{request.META.get('HTTP_HOST', '')}".lower()
        if asked == right or request.path.startswith("/static/"):
            return self.get_response(request)
        context = {"asked": asked, "right": right, "target": right + request.get_full_path()}
        return render(request, "demo_site/wrong_name.html", context, status=421)


class NoSuchPageMiddleware:
    """In the place of Django's own page for DEBUG, which lists the site's addresses and does not say whose it is."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        nothing_there = response.status_code == 404 and request.resolver_match is None
        return _no_such_page(request) if nothing_there else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A view that looked, and found no row."""
        return _no_such_page(request) if isinstance(exception, Http404) else None


def _no_such_page(request: HttpRequest) -> HttpResponse:
    return render(request, "demo_site/not_found.html", status=404)
