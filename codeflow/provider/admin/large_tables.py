"""Lists of tables that grow without end: no statement behind them reads, counts or sorts a whole table.

Rows come newest first by their key; at most MOST of them are counted, and older ones are reached by date or by a filter.
"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from codeflow.admin_lists import CarefulList
from codeflow.provider.admin.base import ReadOnlyAdmin
from codeflow.provider.models import Client

MOST = 1_000
"""Rows that one list counts and pages through."""
_FOUND = 100
"""People or clients that a search looks for rows of."""


class BoundedPaginator(Paginator):
    """Counts to MOST and no further."""

    most = MOST

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST].count())

    @property
    def is_cut(self) -> bool:
        return self.count == MOST


class NewestFirst(CarefulList):
    """Whatever order the address asks for: another one would sort all rows."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return ["-pk"]


class LargeTableAdmin(ReadOnlyAdmin):
    """`date_hierarchy` names an indexed moment; its links are made from the first and the last row alone."""

    paginator = BoundedPaginator
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER  # a count for each choice of each filter
    ordering = ("-pk",)
    change_list_template = "admin/codeflow_provider/large_table.html"
    search_words: Any = ""
    """What the search finds; Django's search_help_text would take the box's visible label from it (WCAG 3.3.2)."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NewestFirst

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        moments = date_links(self, request) if self.date_hierarchy and self.has_view_permission(request) else ()
        words = {"search_words": self.search_words}
        return super().changelist_view(request, {**(extra_context or {}), **words, "date_links": moments})


class OfPersonAndClientAdmin(LargeTableAdmin):
    """Rows with a person and a client, found by either: first the people and clients are looked up, then their rows by index."""

    client_field = "application"
    search_fields = ("user", "application")  # shows the box; get_search_results looks
    search_words = _("What a person signs in with, an e-mail address, or a client's name or key.")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        term = search_term.strip().replace("\x00", "")
        if not term:
            return queryset, False
        theirs = Q(user_id__in=people_called(term))
        if self.client_field:
            theirs |= Q(**{f"{self.client_field}_id__in": clients_called(term)})
        return queryset.filter(theirs), False


class ClientFilter(admin.RelatedFieldListFilter):
    """The first clients by name: a site may have thousands, and the search finds every one."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        chosen = self.lookup_val[-1] if self.lookup_val else None
        clients = Client.objects.order_by("name", "client_id").only("name", "client_id")
        found = list(clients[:_FOUND])
        if chosen and str(chosen).isdigit() and int(chosen) not in {client.pk for client in found}:
            found += clients.filter(pk=chosen)
        return [(client.pk, str(client)) for client in found]


def people_called(term: str) -> list[Any]:
    """Keys of the people whose name to sign in with, or e-mail address, contains `term`."""
    model = get_user_model()
    names = {
        model.USERNAME_FIELD,
        *(field.name for field in model._meta.fields if field.name == model.get_email_field_name()),
    }
    called = Q()
    for name in sorted(names):
        called |= Q(**{f"{name}__icontains": term})
    return list(model._default_manager.filter(called).values_list("pk", flat=True)[:_FOUND])


def clients_called(term: str) -> list[Any]:
    """Keys of the clients whose name or key contains `term`."""
    called = Q(name__icontains=term) | Q(client_id__icontains=term)
    return list(Client.objects.filter(called).values_list("pk", flat=True)[:_FOUND])


class DateLink(NamedTuple):
    words: str
    query: str
    is_current: bool = False


def date_links(model_admin: Any, request: HttpRequest) -> list[DateLink]:
    """The way up, and the years, months or days below the one that is chosen. Two looks at the ends of the key."""
    field = model_admin.date_hierarchy
    rows = model_admin.get_queryset(request).values_list(field, flat=True)
    first, last = rows.order_by("pk").first(), rows.order_by("-pk").first()
    if first is None or last is None:
        return []
    return list(_links(request.GET, field, _local_date(first), _local_date(last)))


def _links(asked: QueryDict, field: str, first: date, last: date) -> Any:
    year, month, day = (_number(asked, f"{field}__{unit}") for unit in ("year", "month", "day"))
    if year:
        yield DateLink(str(_("All dates")), _query(asked, field))
    if not year:
        for number in range(last.year, first.year - 1, -1):
            yield DateLink(str(number), _query(asked, field, year=number))
    elif not month:
        for number in range(12, 0, -1):
            if (first.year, first.month) <= (year, number) <= (last.year, last.month):
                yield DateLink(f"{MONTHS[number]} {year}", _query(asked, field, year=year, month=number))
    elif 1 <= month <= 12:
        yield DateLink(str(year), _query(asked, field, year=year))
        for moment in _days(year, month, first, last):
            link = _query(asked, field, year=year, month=month, day=moment.day)
            yield DateLink(date_format(moment, "MONTH_DAY_FORMAT"), link, moment.day == day)


def _days(year: int, month: int, first: date, last: date) -> list[date]:
    """The days of a month that rows may be of, newest first."""
    start = date(year, month, 1)
    days = [start + timedelta(days=number) for number in range(31)]
    return [day for day in reversed(days) if day.month == month and first <= day <= last]


def _local_date(moment: datetime) -> date:
    return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).date()


def _number(asked: QueryDict, name: str) -> int:
    value = asked.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 4 else 0


def _query(asked: QueryDict, field: str, **units: int) -> str:
    """The same filters at another date."""
    kept = asked.copy()
    for unit in ("year", "month", "day"):
        kept.pop(f"{field}__{unit}", None)
    kept.pop(PAGE_VAR, None)
    for unit, number in units.items():
        kept[f"{field}__{unit}"] = str(number)
    return f"?{kept.urlencode()}"
