"""Clients in the admin: added with three answers, disabled rather than deleted, their secrets rotated and never shown again.

RFC 6749 2; RFC 7591 2; RFC 6819 5.1.4.1.3.
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from codeflow.provider import clients
from codeflow.provider.admin import client_tabs, client_trial
from codeflow.provider.admin.base import STYLES, ask_password, record, user_search
from codeflow.provider.admin.client_actions import ClientActions
from codeflow.provider.admin.client_figures import ClientList
from codeflow.provider.admin.client_filters import FILTERS
from codeflow.provider.admin.client_form import MORE, QUESTIONS, ClientForm
from codeflow.provider.admin.client_pages import SETTINGS, tabs
from codeflow.provider.admin.client_secrets import (
    ROTATE_SECRET,
    SecretInline,
    credentials_page,
    env_view,
    old_secrets,
    revoke_view,
    rotate_view,
)
from codeflow.provider.admin.token_states import count_of_grants, live_grants, moment_words
from codeflow.provider.models import Client, ClientSecret, Consent
from codeflow.provider.models.client_addresses import in_words
from codeflow.provider.models.client_profile import RegisteredBy

SCRIPT = "codeflow/provider_admin.js"
SHORT_KEY = 12


class ClientAdmin(ClientActions):
    """DOT's admin registers Client with this class; a site may name its own, derived from it."""

    class Media:
        css: ClassVar = {"all": (STYLES,)}
        js = (Script(SCRIPT, defer=True),)

    form = ClientForm
    list_display = (
        "title", "key", "kind", "status", "people", "live", "sign_ins", "errors", "last_used", "looked_after",
    )  # fmt: skip
    list_filter = FILTERS
    search_fields = ("name", "client_id", "redirect_uris", "maker", "contact")
    search_words = _("Name, key, host of a redirect URI, maker, contact or owner.")
    change_list_template = "admin/codeflow_provider/large_table.html"
    list_select_related = ("user",)
    list_per_page = 100
    raw_id_fields = ("user",)
    ordering = ("name", "client_id")
    change_form_template = "admin/codeflow_provider/client/change_form.html"
    inlines = (SecretInline,)
    save_as = False
    view_on_site = False

    # -- the list -----------------------------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ClientList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "search_words": self.search_words})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        secrets = ClientSecret.objects.filter(client=OuterRef("pk")).order_by().values("client")
        return super().get_queryset(request).annotate(used=Subquery(secrets.annotate(at=Max("last_used")).values("at")))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.search_fields, user_search("user"))

    @admin.display(description=_("name"), ordering="name")
    def title(self, client: Client) -> SafeString | str:
        if not client.logo_uri:
            return str(client)
        return format_html('<img class="codeflow-logo" src="{}" alt="" loading="lazy"> {}', client.logo_uri, client)

    @admin.display(description=_("key"), ordering="client_id")
    def key(self, client: Client) -> SafeString:
        short = client.client_id if len(client.client_id) <= SHORT_KEY + 1 else f"{client.client_id[:SHORT_KEY]}…"
        html = '<code class="codeflow-copy" data-copy="{0}" title="{0}" data-words="{1}|{2}">{3}</code>'
        return format_html(html, client.client_id, _("Copy"), _("Copied"), short)

    @admin.display(description=_("kind"), ordering="client_type")
    def kind(self, client: Client) -> str:
        return str(_("public app") if client.is_public else _("web site"))

    @admin.display(description=_("status"), ordering="is_active")
    def status(self, client: Any) -> SafeString | str:
        figures = client.figures
        words = format_html(
            '<span class="codeflow-state codeflow-{}">{}</span>', figures.state, figures.state_in_words()
        )
        if not client.skip_authorization:
            return words
        why = client.skip_authorization_reason or _("nobody said why")
        return format_html('{}<br><span class="codeflow-quiet">{}</span>', words, _("people are not asked: %s") % why)

    @admin.display(description=_("people"))
    def people(self, client: Any) -> str:
        """Whoever allowed it; where nobody is asked, nobody has."""
        return str(_("not asked")) if client.skip_authorization else str(client.figures.people)

    @admin.display(description=_("live tokens"))
    def live(self, client: Any) -> int:
        tokens: int = client.figures.tokens
        return tokens

    @admin.display(description=_("sign-ins of 7 days"))
    def sign_ins(self, client: Any) -> str:
        words: str = client.figures.sign_ins_in_words()
        return words

    @admin.display(description=_("errors of 24 h"))
    def errors(self, client: Any) -> SafeString | str:
        if not client.figures.errors:
            return "0"
        return format_html('<a href="{}">{}</a>', client_tabs.events_url(client, failures=True), client.figures.errors)

    @admin.display(description=_("last used"), ordering="used")
    def last_used(self, client: Any) -> str:
        return moment_words(client.figures.last_used) if client.figures.last_used else str(_("never"))

    @admin.display(description=_("owner or contact"), ordering="user")
    def looked_after(self, client: Client) -> str:
        return str(client.user or client.contact or "–")

    # -- the form -----------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Client | None = None) -> Any:
        first = QUESTIONS if obj is None else ("name", "client_id", "kind", "is_active", "redirect_uris")
        more = [
            (words, {"classes": ("collapse",), "fields": [name for name in names if name not in first]})
            for words, names in MORE
        ]
        return ((None, {"fields": first}), *more)

    def get_readonly_fields(self, request: HttpRequest, obj: Client | None = None) -> tuple[str, ...]:
        """Its type and key stay what they are; on and off is an action, which says what it does. Only a superuser spares people
        the question (RFC 6749 10.2), sends what they were not asked about elsewhere, or lets a client look into others'
        tokens.
        """
        fixed = () if obj is None else ("client_type", "client_id", "kind", "is_active")
        if request.user.is_superuser:
            return fixed
        unasked = ("redirect_uris",) if obj is not None and obj.skip_authorization else ()
        return (*fixed, "skip_authorization", "skip_authorization_reason", "may_introspect", *unasked)

    def get_inlines(self, request: HttpRequest, obj: Client | None = None) -> Any:
        return () if obj is None or obj.is_public else self.inlines

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """Adding shows a secret, so whoever adds proves who they are."""
        if object_id is None and self.has_add_permission(request) and (asked := ask_password(self, request)):
            return asked
        return super().changeform_view(request, object_id, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        client = kwargs.get("obj")
        if client is None:  # the answer is the page with the secret, whichever button was clicked
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        else:
            may_rotate = not client.is_public and request.user.has_perm(ROTATE_SECRET)
            old = old_secrets(request, client)
            context |= {"may_rotate": may_rotate, "old_secrets": old, "tabs": tabs(self, request, client, SETTINGS)}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        if not change:
            obj.registered_by = RegisteredBy.ADMIN
        super().save_model(request, obj, form, change)
        if not change:
            record(request, "client.registered", client_id=obj.client_id)
        elif form.changed_data:
            record(request, "client.changed", client_id=obj.client_id, reason=" ".join(form.changed_data))
            for note in obj.redirect_uri_warnings():
                self.message_user(request, in_words(note), messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Client, post_url_continue: str | None = None) -> HttpResponse:
        """The secret is made and shown here, in the answer to the POST, and nowhere else."""
        secret = "" if obj.is_public else clients.add_secret(obj, made_by=request.user)
        title = _("%(client)s is registered") % {"client": obj}
        return credentials_page(
            self, request, obj, secret, title=title, warnings=list(map(in_words, obj.redirect_uri_warnings()))
        )

    # -- deleting -----------------------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Disabling is the usual end; deleting takes every consent and token along."""
        return bool(request.user.is_superuser)

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
            _("It cannot be undone. To stop it for now, disable it instead."),
        ]
        counts = {
            self.opts.verbose_name_plural: len(objs),
            Consent._meta.verbose_name_plural: Consent.objects.filter(client__in=chosen).count(),
            ClientSecret._meta.verbose_name_plural: ClientSecret.objects.filter(client__in=chosen).count(),
        }
        return [*map(str, objs), *map(str, effects)], counts, set(), []

    # -- the pages beside the form ------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            address = f"<path:object_id>/{route}/"
            return path(address, self.admin_site.admin_view(view), name=f"codeflow_provider_client_{name}")

        return [
            page("rotate-secret", self.rotate_secret, "rotate_secret"),
            page("secrets/<int:secret_pk>/revoke", self.revoke_secret, "revoke_secret"),
            page("env", self.env, "env"),
            page("overview", self._tab(client_tabs.overview), "overview"),
            page("people", self._tab(client_tabs.people), "people"),
            page("tokens", self._tab(client_tabs.tokens), "tokens"),
            page("events", self._tab(client_tabs.events), "events"),
            page("integration", self._tab(client_tabs.integration), "integration"),
            page("test", self.trial, "trial"),
            page("test/consent", self._tab(client_trial.consent_preview), "consent"),
            *super().get_urls(),
        ]

    def _tab(self, view: Any) -> Any:
        return lambda request, object_id: view(self, request, object_id)

    def rotate_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return ask_password(self, request) or rotate_view(self, request, object_id)

    def revoke_secret(self, request: HttpRequest, object_id: str, secret_pk: int) -> HttpResponse:
        return ask_password(self, request) or revoke_view(self, request, object_id, secret_pk)

    @method_decorator(sensitive_post_parameters("client_secret"))
    def env(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """It gives back what was posted, so a password adds nothing."""
        return env_view(self, request, object_id)

    @method_decorator(sensitive_post_parameters("text"))
    def trial(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return client_trial.trial(self, request, object_id)
