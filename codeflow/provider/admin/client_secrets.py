"""A client's secrets: listed by their last characters, rotated with an overlap, ended one by one.

RFC 6819 5.1.4.1.3. A new secret is rendered in the answer to the POST that made it and never again: no redirect, no message, no session,
no history, no log.
"""

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import router, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from codeflow.provider import clients
from codeflow.provider.admin.base import ModelAdmin, record
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import Client, ClientSecret

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline  # generic in the type stubs alone

ROTATE_SECRET = "codeflow_provider.rotate_secret"
OVERLAPS = {"1": _("1 hour"), "24": _("24 hours"), "168": _("7 days"), "0": _("not at all: it ends now")}
"""Hours that the newest old secret works on."""


class SecretInline(TabularInline):
    """Nothing of a secret but its last characters, and when it was used."""

    model = ClientSecret
    verbose_name_plural = _("Secrets")
    fields = ("ends_in", "state", "revoke", "last_used", "expires", "created")
    readonly_fields = fields
    ordering = ("-created", "-pk")
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm(ROTATE_SECRET)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields if name != "revoke" or request.user.has_perm(ROTATE_SECRET)]

    @admin.display(description=_("ends in"))
    def ends_in(self, secret: ClientSecret) -> str:
        return f"…{secret.hint}"

    @admin.display(description=_("state"))
    def state(self, secret: ClientSecret) -> str:
        if not secret.is_live():
            return str(_("ended"))
        return str(_("works until it expires") if secret.expires else _("works"))

    @admin.display(description=_("end it"))
    def revoke(self, secret: ClientSecret) -> str:
        if not secret.is_live():
            return "–"
        name = "admin:codeflow_provider_client_revoke_secret"
        url = reverse(name, args=(secret.client_id, secret.pk), current_app=self.admin_site.name)
        return format_html('<a href="{}">{}</a>', url, _("Revoke…"))


class RotateForm(forms.Form):
    overlap = forms.ChoiceField(
        label=_("How long does the secret before it work on?"),
        choices=list(OVERLAPS.items()),
        initial="24",
        widget=forms.RadioSelect,
    )


@sensitive_variables("secret")
def rotate_view(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Asks for the overlap; the POST makes the secret and shows it. Sent twice (a reload), it makes none."""
    client = _client(model_admin, request, object_id)
    newest = str(client.secrets.order_by("-pk").values_list("pk", flat=True).first() or "")
    form = RotateForm(request.POST or None)
    again = request.method == "POST" and request.POST.get("newest") != newest
    if request.method != "POST" or again or not form.is_valid():
        live = [secret for secret in client.secrets.order_by("-pk") if secret.is_live()]
        context = {"form": form, "newest": newest, "live": live, "again": again}
        title = _("Make a new secret for %(client)s") % {"client": client}
        return _page(model_admin, request, client, "rotate_secret.html", title=title, **context)
    overlap = timedelta(hours=int(form.cleaned_data["overlap"]))
    with transaction.atomic(using=router.db_for_write(Client)):
        secret = clients.rotate_secret(client, overlap=overlap)
        record(request, "secret.rotated", client_id=client.client_id)
        model_admin.log_change(request, client, str(_("Made a new secret.")))
    title = _("%(client)s has a new secret") % {"client": client}
    return credentials_page(model_admin, request, client, secret, title=title)


def revoke_view(model_admin: ModelAdmin, request: HttpRequest, object_id: str, secret_pk: int) -> HttpResponse:
    """Ends one secret now, after a question."""
    client = _client(model_admin, request, object_id)
    secret = get_object_or_404(client.secrets, pk=secret_pk)
    if request.method == "POST":
        if secret.is_live():
            with transaction.atomic(using=router.db_for_write(Client)):
                secret.expires = timezone.now()
                secret.save(update_fields=["expires"])
                record(request, "secret.revoked", client_id=client.client_id, reason=f"ends in {secret.hint}")
                model_admin.log_change(request, client, str(_("Revoked a secret.")))
        return redirect("admin:codeflow_provider_client_change", client.pk)
    others = [other for other in client.secrets.exclude(pk=secret.pk) if other.is_live()]
    title = _("Revoke the secret …%(hint)s of %(client)s?") % {"hint": secret.hint, "client": client}
    return _page(model_admin, request, client, "revoke_secret.html", title=title, secret=secret, others=others)


@sensitive_variables("secret", "context")
def credentials_page(
    model_admin: ModelAdmin, request: HttpRequest, client: Client, secret: str, *, title: str
) -> HttpResponse:
    """The client's key, its secret this once, and the settings that a site with codeflow's relying party needs."""
    context = {"secret": secret, "settings": relying_party_settings(client), "variable": SECRET_VARIABLE}
    return _page(model_admin, request, client, "credentials.html", title=title, **context)


SECRET_VARIABLE = "CODEFLOW_CLIENT_SECRET"


def relying_party_settings(client: Client) -> str:
    """Settings for codeflow's relying party. The secret itself belongs into the environment, not into a file of code."""
    lines = [f'"issuer": {json.dumps(_issuer())},', f'"client_id": {json.dumps(client.client_id)},']
    if not client.is_public:
        lines.append(f'"client_secret": os.environ["{SECRET_VARIABLE}"],')
    lines.append(f'"scope": {json.dumps(client.scope)},')
    entry = "\n".join(f"            {line}" for line in lines)
    head = "" if client.is_public else "import os\n\n"
    return f"""{head}CODEFLOW_RELYING_PARTY = {{
    "PROVIDERS": {{
        "{_provider_name(client)}": {{
{entry}
        }},
    }},
}}
"""


def _issuer() -> str:
    try:
        return provider_settings.issuer
    except ImproperlyConfigured:
        return "https://your.host/o"


def _provider_name(client: Client) -> str:
    """The name that the client's site calls this server: the last part of codeflow's callback address."""
    found = re.search(r"/callback/([A-Za-z0-9_-]+)/(?:\s|$)", client.redirect_uris)
    return found[1] if found else "provider"


def _client(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> Client:
    """The confidential client whose secrets the person may rotate."""
    client = model_admin.get_object(request, unquote(object_id))
    if client is None or client.is_public:
        raise Http404
    if not (request.user.has_perm(ROTATE_SECRET) and model_admin.has_view_or_change_permission(request, client)):
        raise PermissionDenied
    return client


@sensitive_variables("context")
def _page(model_admin: ModelAdmin, request: HttpRequest, client: Client, template: str, **context: Any) -> HttpResponse:
    """Rendered here and now: a TemplateResponse would carry the secret past middleware and signals."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": client,
        "media": model_admin.media,
        **context,
    }
    response = render(request, f"admin/codeflow_provider/client/{template}", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"  # no-referrer would send Origin: null, which fails CSRF
    response["X-Frame-Options"] = "DENY"
    return response
