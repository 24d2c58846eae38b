"""Clients in the admin: added with three answers, disabled rather than deleted, their secrets rotated and never shown again.

RFC 6749 2; RFC 7591 2; RFC 6819 5.1.4.1.3.
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import router, transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.provider import clients, revocation
from codeflow.provider.admin.base import (
    REVOKE_TOKENS,
    STYLES,
    ModelAdmin,
    ask_password,
    confirmation,
    is_confirmed,
    record,
)
from codeflow.provider.admin.client_form import MORE, QUESTIONS, ClientForm
from codeflow.provider.admin.client_secrets import (
    ROTATE_SECRET,
    SecretInline,
    credentials_page,
    revoke_view,
    rotate_view,
)
from codeflow.provider.admin.token_states import count_of_grants, live_grants
from codeflow.provider.models import Client, ClientSecret, Consent


class ClientAdmin(ModelAdmin):
    """DOT's admin registers Client with this class; a site may name its own, derived from it."""

    class Media:
        css: ClassVar = {"all": (STYLES,)}

    form = ClientForm
    list_display = ("name", "client_id", "kind", "status", "last_used")
    list_filter = ("is_active", "client_type", "skip_authorization")
    search_fields = ("name", "client_id", "redirect_uris")
    ordering = ("name", "client_id")
    actions = ("disable", "enable", "end_grants")
    change_form_template = "admin/codeflow_provider/client/change_form.html"
    inlines = (SecretInline,)
    save_as = False
    view_on_site = False

    # -- what is shown ------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        return super().get_queryset(request).annotate(last_used=Max("secrets__last_used"))

    def get_fieldsets(self, request: HttpRequest, obj: Client | None = None) -> Any:
        first = QUESTIONS if obj is None else ("name", "client_id", "kind", "status", "redirect_uris")
        more = [name for name in MORE if name not in first]
        return ((None, {"fields": first}), (_("More"), {"classes": ("collapse",), "fields": more}))

    def get_readonly_fields(self, request: HttpRequest, obj: Client | None = None) -> tuple[str, ...]:
        """Its type and key stay what they are. Only a superuser spares people the question (RFC 6749 10.2), sends what they
        were not asked about elsewhere, or lets a client look into others' tokens.
        """
        fixed = () if obj is None else ("client_type", "client_id", "kind", "status")
        if request.user.is_superuser:
            return fixed
        unasked = ("redirect_uris",) if obj is not None and obj.skip_authorization else ()
        return (*fixed, "skip_authorization", "may_introspect", *unasked)

    def get_inlines(self, request: HttpRequest, obj: Client | None = None) -> Any:
        return () if obj is None or obj.is_public else self.inlines

    @admin.display(description=_("kind"), ordering="client_type")
    def kind(self, client: Client) -> str:
        return str(_("app, no secret (public)") if client.is_public else _("web site (confidential)"))

    @admin.display(description=_("status"), ordering="is_active")
    def status(self, client: Client) -> str:
        if not client.is_active:
            return str(_("disabled"))
        if not client.redirect_uris.split():
            return str(_("no redirect URI"))
        return str(_("active"))

    @admin.display(description=_("last used"), ordering="last_used")
    def last_used(self, client: Any) -> Any:
        return client.last_used

    # -- permissions --------------------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Disabling is the usual end; deleting takes every consent and token along."""
        return bool(request.user.is_superuser)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(REVOKE_TOKENS)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    # -- saving -------------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            record(request, "client.registered", client_id=obj.client_id)
        elif form.changed_data:
            record(request, "client.changed", client_id=obj.client_id, reason=" ".join(form.changed_data))

    def response_add(self, request: HttpRequest, obj: Client, post_url_continue: str | None = None) -> HttpResponse:
        """The secret is made and shown here, in the answer to the POST, and nowhere else."""
        secret = "" if obj.is_public else clients.add_secret(obj)
        return credentials_page(self, request, obj, secret, title=_("%(client)s is registered") % {"client": obj})

    def delete_model(self, request: HttpRequest, obj: Client) -> None:
        record(request, "client.deleted", client_id=obj.client_id)
        super().delete_model(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What deleting does, in words: the rows alone may be thousands."""
        chosen = Client.objects.filter(pk__in=[client.pk for client in objs])
        effects = [
            _("Lose access at once: %(count)s") % {"count": count_of_grants(*live_grants(chosen))},
            _("Their consents are forgotten, and so are the client's secrets and its key."),
            _("Audit events stay."),
        ]
        counts = {
            self.opts.verbose_name_plural: len(objs),
            Consent._meta.verbose_name_plural: Consent.objects.filter(client__in=chosen).count(),
            ClientSecret._meta.verbose_name_plural: ClientSecret.objects.filter(client__in=chosen).count(),
        }
        return [*map(str, objs), *map(str, effects)], counts, set(), []

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "codeflow_provider_client_{}_secret".format
        return [
            path("<path:object_id>/rotate-secret/", view(self.rotate_secret), name=name("rotate")),
            path("<path:object_id>/secrets/<int:secret_pk>/revoke/", view(self.revoke_secret), name=name("revoke")),
            *super().get_urls(),
        ]

    def rotate_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return ask_password(self, request) or rotate_view(self, request, object_id)

    def revoke_secret(self, request: HttpRequest, object_id: str, secret_pk: int) -> HttpResponse:
        return ask_password(self, request) or revoke_view(self, request, object_id, secret_pk)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        client = kwargs.get("obj")
        may_rotate = client is not None and not client.is_public and request.user.has_perm(ROTATE_SECRET)
        context = {**context, "may_rotate": may_rotate}
        if client is None:  # the answer is the page with the secret, whichever button was clicked
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    # -- actions ------------------------------------------------------------------------------------------------------

    @admin.action(permissions=["change"], description=_("Disable the selected clients"))
    def disable(self, request: HttpRequest, queryset: QuerySet[Client]) -> HttpResponse | None:
        active = queryset.filter(is_active=True)
        if not is_confirmed(request):
            effects = [
                _("Lose access at once: %(count)s") % {"count": count_of_grants(*live_grants(active))},
                _("Nobody can sign in with them, and their secrets work no more."),
                _("Their codes and tokens end at once. Enabling them again lets people sign in anew."),
            ]
            title, button = str(_("Disable these clients?")), str(_("Disable"))
            return confirmation(self, request, queryset, title=title, button=button, effects=map(str, effects))
        count = self._set_active(request, active, active=False)
        done = ngettext("%(count)d client is disabled.", "%(count)d clients are disabled.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)
        return None

    @admin.action(permissions=["change"], description=_("Enable the selected clients"))
    def enable(self, request: HttpRequest, queryset: QuerySet[Client]) -> None:
        count = self._set_active(request, queryset.filter(is_active=False), active=True)
        done = ngettext("%(count)d client is enabled.", "%(count)d clients are enabled.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)

    @admin.action(permissions=["revoke"], description=_("Revoke all tokens of the selected clients"))
    def end_grants(self, request: HttpRequest, queryset: QuerySet[Client]) -> HttpResponse | None:
        if not is_confirmed(request):
            effects = [
                _("Lose access at once: %(count)s") % {"count": count_of_grants(*live_grants(queryset))},
                _("Consents stay: a client may ask for new tokens without asking people again."),
            ]
            title, button = str(_("Revoke all tokens of these clients?")), str(_("Revoke all"))
            return confirmation(self, request, queryset, title=title, button=button, effects=map(str, effects))
        rows = list(queryset)
        with transaction.atomic(using=router.db_for_write(Client)):
            for client in rows:
                revocation.end_grants(application_id=client.pk)
                record(request, "tokens.revoked", client_id=client.client_id)
        done = ngettext(
            "The tokens of %(count)d client are revoked.", "The tokens of %(count)d clients are revoked.", len(rows)
        )
        self.message_user(request, done % {"count": len(rows)}, messages.SUCCESS)
        return None

    def _set_active(self, request: HttpRequest, queryset: QuerySet[Client], *, active: bool) -> int:
        rows = list(queryset)
        with transaction.atomic(using=router.db_for_write(Client)):
            for client in rows:
                client.is_active = active
                client.save(update_fields=["is_active"])
                record(request, "client.enabled" if active else "client.disabled", client_id=client.client_id)
        return len(rows)
