"""The theme switch (a form and a cookie, so that it works without JavaScript), and the way to the lab."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from demo_site import environment
from demo_site.pages.context import THEME_COOKIE, THEMES

ONE_YEAR = 365 * 24 * 3600


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen theme and goes back to the page."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    response.status_code = 303
    chosen = request.POST.get("theme")
    if chosen in dict(THEMES):
        response.set_cookie(THEME_COOKIE, chosen, max_age=ONE_YEAR, httponly=True, samesite="Lax")
    return response


def to_the_lab(request: HttpRequest) -> HttpResponse:
    """The lab is one for both sites, and the client serves it."""
    return HttpResponseRedirect(environment.addresses().client + request.get_full_path())
