"""A client's secrets: listed by their last characters, rotated with an overlap, ended one by one.

RFC 6819 5.1.4.1.3. A new secret is rendered in the answer to the POST that made it and never again: no redirect, no message, no session,
no history, no log.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import router, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from codeflow.provider import clients
from codeflow.provider.admin.base import ModelAdmin, record
from codeflow.provider.admin.client_pages import client_or_404, client_page, tab_url
from codeflow.provider.admin.client_snippets import SECRET_VARIABLE, relying_party_settings
from codeflow.provider.models import Client, ClientSecret

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline  # generic in the type stubs alone

ROTATE_SECRET = "codeflow_provider.rotate_secret"
UNTIL_DATE = "date"
OVERLAPS = {
    "1": _("1 hour"),
    "24": _("24 hours"),
    "168": _("7 days"),
    UNTIL_DATE: _("until a moment that I name"),
    "0": _("not at all: it ends now"),
}
"""Hours that the newest old secret works on."""
LONGEST_OVERLAP = timedelta(days=366)


class SecretInline(TabularInline):
    """Nothing of a secret but its last characters, who made it, and when it was used."""

    model = ClientSecret
    template = "admin/codeflow_provider/client/secrets.html"
    verbose_name_plural = _("Secrets")
    fields = ("ends_in", "state", "revoke", "last_used", "expires", "created", "maker")
    readonly_fields = fields
    ordering = ("-created", "-pk")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("made_by").defer("hash")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see_secrets(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields if name != "revoke" or request.user.has_perm(ROTATE_SECRET)]

    @admin.display(description=_("ends in"))
    def ends_in(self, secret: ClientSecret) -> str:
        return f"…{secret.hint}"

    @admin.display(description=_("made by"))
    def maker(self, secret: ClientSecret) -> str:
        return str(secret.made_by or _("a command, or somebody who is gone"))

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
    until = forms.DateTimeField(
        label=_("Until when?"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("For a moment that you name; up to a year."),
    )

    def clean_until(self) -> Any:
        if self.cleaned_data.get("overlap") != UNTIL_DATE:
            return None
        until, now = self.cleaned_data["until"], timezone.now()
        if until is None or not now < until <= now + LONGEST_OVERLAP:
            raise ValidationError(_("Name a moment that is to come, within a year."), code="until")
        return until

    @property
    def length(self) -> timedelta:
        """Of a valid form."""
        until = self.cleaned_data["until"]
        return until - timezone.now() if until else timedelta(hours=int(self.cleaned_data["overlap"]))


@sensitive_variables("secret")
def rotate_view(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Asks for the overlap; the POST makes the secret and shows it. Sent twice (a reload), it makes none."""
    client = client_with_secrets(model_admin, request, object_id)
    newest = str(client.secrets.order_by("-pk").values_list("pk", flat=True).first() or "")
    form = RotateForm(request.POST or None)
    again = request.method == "POST" and request.POST.get("newest") != newest
    if request.method != "POST" or again or not form.is_valid():
        live = [secret for secret in client.secrets.order_by("-pk") if secret.is_live()]
        context: dict[str, Any] = {"form": form, "newest": newest, "live": live, "again": again}
        title = _("Make a new secret for %(client)s") % {"client": client}
        return client_page(model_admin, request, client, "rotate_secret.html", title=title, **context)
    with transaction.atomic(using=router.db_for_write(Client)):
        secret = clients.rotate_secret(client, overlap=form.length, made_by=request.user)
        record(request, "secret.rotated", client_id=client.client_id)
        model_admin.log_change(request, client, str(_("Made a new secret.")))
    title = _("%(client)s has a new secret") % {"client": client}
    return credentials_page(model_admin, request, client, secret, title=title)


def revoke_view(model_admin: ModelAdmin, request: HttpRequest, object_id: str, secret_pk: int) -> HttpResponse:
    """Ends one secret now, after a question."""
    client = client_with_secrets(model_admin, request, object_id)
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
    return client_page(model_admin, request, client, "revoke_secret.html", title=title, secret=secret, others=others)


@sensitive_variables("secret", "context")
def credentials_page(
    model_admin: ModelAdmin, request: HttpRequest, client: Client, secret: str, *, title: str, **context: Any
) -> HttpResponse:
    """The client's key, its secret this once, and the settings that a site with codeflow's relying party needs."""
    context |= {"secret": secret, "settings": relying_party_settings(client), "variable": SECRET_VARIABLE}
    context["trial_url"] = tab_url(model_admin, client, "trial")
    return client_page(model_admin, request, client, "credentials.html", title=title, **context)


@sensitive_variables("secret")
def env_view(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """The secret as a file. The page that shows it posts it here and gets it back: it stands in no address, no session and no log,
    and only a live secret of this very client is answered, so nobody can have other texts sent from here.
    """
    client = client_with_secrets(model_admin, request, object_id)
    secret = request.POST.get("client_secret", "")
    live = [known for known in client.secrets.all() if known.is_live()]
    if not secret or len(secret) > clients.MAX_SECRET or not any(clients.secret_matches(secret, k.hash) for k in live):
        raise PermissionDenied
    response = HttpResponse(f"{SECRET_VARIABLE}={secret}\n", content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{client.pk}.env"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def old_secrets(request: HttpRequest, client: Client) -> list[ClientSecret]:
    """Those that work on beside a newer one, for people who may see secrets."""
    if client.is_public or not may_see_secrets(request):
        return []
    live = [secret for secret in client.secrets.order_by("-created", "-pk") if secret.is_live()]
    return live[1:]


def may_see_secrets(request: HttpRequest) -> bool:
    """Those who may rotate them, or were given a look at them."""
    perms = (ROTATE_SECRET, "codeflow_provider.view_clientsecret", "codeflow_provider.change_clientsecret")
    return any(request.user.has_perm(perm) for perm in perms)


def client_with_secrets(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> Client:
    """The confidential client whose secrets the person may rotate."""
    client = client_or_404(model_admin, request, object_id)
    if client.is_public:
        raise Http404
    if not request.user.has_perm(ROTATE_SECRET):
        raise PermissionDenied
    return client
