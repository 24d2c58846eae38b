"""The pages about one client that stand beside its form: how they are found, drawn and linked as tabs."""

from typing import Any, NamedTuple

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from codeflow.provider.admin.base import ModelAdmin
from codeflow.provider.models import Client

SETTINGS = "change"
TABS = {
    "overview": _("Overview"),
    SETTINGS: _("Settings"),
    "secrets": _("Secrets"),
    "people": _("People"),
    "tokens": _("Tokens"),
    "events": _("Events"),
    "integration": _("Integration"),
    "trial": _("Test this client"),
}
NEEDS = {
    "people": "codeflow_provider.view_consent",
    "tokens": "codeflow_provider.view_accesstoken",
    "events": "codeflow_provider.view_audit",
}
"""Tab → the permission that its rows need; the others go with the client itself."""


class Tab(NamedTuple):
    words: Any
    url: str
    current: bool


def tabs(model_admin: ModelAdmin, request: HttpRequest, client: Client, current: str) -> list[Tab]:
    """Those that this person may open. The secrets stand on the settings' page."""
    names = [name for name in TABS if may_open(request, name) and not (name == "secrets" and client.is_public)]
    return [Tab(TABS[name], tab_url(model_admin, client, name), name == current) for name in names]


def may_open(request: HttpRequest, tab: str) -> bool:
    return tab not in NEEDS or request.user.has_perm(NEEDS[tab])


def tab_url(model_admin: ModelAdmin, client: Client, tab: str) -> str:
    view = SETTINGS if tab == "secrets" else tab
    url = reverse(f"admin:codeflow_provider_client_{view}", args=(client.pk,), current_app=model_admin.admin_site.name)
    return f"{url}#secrets-group" if tab == "secrets" else url


def client_or_404(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> Client:
    """The client, for somebody who may look at it."""
    client: Client | None = model_admin.get_object(request, unquote(object_id))
    if client is None:
        raise Http404
    if not model_admin.has_view_or_change_permission(request, client):
        raise PermissionDenied
    return client


@sensitive_variables("context")
def client_page(
    model_admin: ModelAdmin, request: HttpRequest, client: Client, template: str, *, tab: str = "", **context: Any
) -> HttpResponse:
    """Rendered here and now: a TemplateResponse would carry a secret past middleware and signals."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": client,
        "tabs": tabs(model_admin, request, client, tab) if tab else (),
        "media": model_admin.media,
        **context,
    }
    response = render(request, f"admin/codeflow_provider/client/{template}", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"  # no-referrer would send Origin: null, which fails CSRF
    response["X-Frame-Options"] = "DENY"
    return response
