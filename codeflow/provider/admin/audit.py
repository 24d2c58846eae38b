"""The audit trail: searched, filtered, taken out as a file, never changed. At a million rows every page is as fast as at ten.

ASVS 7.2, 7.3. Reading it has a permission of its own, view_audit; taking it out is an event itself.
"""

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from codeflow.provider.admin.audit_export import FORMATS, export_answer
from codeflow.provider.admin.base import record
from codeflow.provider.admin.event_words import EVENTS, OUTCOMES, event_words, outcome_words
from codeflow.provider.admin.large_tables import LargeTableAdmin, clients_called, people_called
from codeflow.provider.models import AuditEvent, Client

VIEW_AUDIT = "codeflow_provider.view_audit"
_SUPPORT_CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{2,4}")
_LISTED = 100


class FixedChoiceFilter(admin.SimpleListFilter):
    """Choices that are known beforehand: the usual filter would read the whole table for them."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class OutcomeFilter(FixedChoiceFilter):
    title = _("outcome")
    parameter_name = "outcome__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(OUTCOMES.items())


class EventFilter(FixedChoiceFilter):
    title = _("event")
    parameter_name = "event__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, code) for code in sorted(EVENTS)]


class ClientIdFilter(FixedChoiceFilter):
    """The first clients by name; the search finds every other one, and those that are gone."""

    title = _("client")
    parameter_name = "client_id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        known = Client.objects.order_by("name", "client_id").values_list("client_id", "name")[:_LISTED]
        choices = {client_id: name or client_id for client_id, name in known}
        asked = self.used_parameters.get(str(self.parameter_name))
        if asked and asked not in choices:
            choices[asked] = asked
        return list(choices.items())


@admin.register(AuditEvent)
class AuditEventAdmin(LargeTableAdmin):
    """Append-only: nobody adds, changes or deletes a row here, whatever their permissions."""

    list_display = ("at", "event", "words", "result", "client_id", "user_pk", "reason", "count", "reference")
    list_filter = (OutcomeFilter, EventFilter, ClientIdFilter)
    search_fields = ("reference",)  # shows the box; get_search_results looks
    search_words = _("A support code, a client's name or key, or a person.")
    date_hierarchy = "at"
    change_list_template = "admin/codeflow_provider/auditevent/change_list.html"
    fields = ("at", "event", "words", "result", "reason", "client_id", "user_pk", "address", "reference", "count")
    readonly_fields = ("words", "result")

    @admin.display(description=_("in words"))
    def words(self, event: AuditEvent) -> str:
        return event_words(event.event)

    @admin.display(description=_("outcome"))
    def result(self, event: AuditEvent) -> str:
        return outcome_words(event.outcome)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(VIEW_AUDIT)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(VIEW_AUDIT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        term = search_term.strip().replace("\x00", "")
        return (queryset.filter(_concerning(term)) if term else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        formats = {kind: f"export/{kind}/?{request.GET.urlencode()}" for kind in FORMATS}
        return super().changelist_view(request, {**(extra_context or {}), "exports": formats})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        return [path("export/<str:kind>/", view, name="codeflow_provider_auditevent_export"), *super().get_urls()]

    @method_decorator(require_POST)
    def export(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """What the list shows with these filters, all of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in FORMATS:
            raise Http404(kind)
        try:
            events = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(f"{reverse('admin:codeflow_provider_auditevent_changelist')}?{ERROR_FLAG}=1")
        record(request, "audit.exported", reason=f"{kind} {request.GET.urlencode()}"[:64])
        return export_answer(events, kind)


def _concerning(term: str) -> Q:
    """What a term can mean, each by an index: a support code, a client, a person, an event."""
    if _SUPPORT_CODE.fullmatch(term.upper()):
        return Q(reference=term.upper())
    clients = Client.objects.filter(pk__in=clients_called(term)).values_list("client_id", flat=True)
    people = [str(pk) for pk in people_called(term)]
    return Q(client_id__in=[term, *clients]) | Q(user_pk__in=[term, *people]) | Q(event=term)
