"""How the list of clients is narrowed: by state, errors, use, the age of secrets, and who made them."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from codeflow.provider.admin.client_figures import ERRORS_WITHIN, STATES, in_state
from codeflow.provider.models import AccessToken, AuditEvent, Client, ClientSecret
from codeflow.signals import ERROR, REFUSED

AGES = {"90": _("older than 90 days"), "365": _("older than a year")}


class StateFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(in_state(self.value() or "", timezone.now())) if self.value() in STATES else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "client_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(Client.CLIENT_CONFIDENTIAL, _("web site")), (Client.CLIENT_PUBLIC, _("public app"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        return queryset.filter(client_type=wanted) if wanted in dict(self.lookup_choices) else queryset


class NotAskedFilter(admin.BooleanFieldListFilter):
    """The toolkit's field has no name that could be translated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("skip authorization")


class ErrorsFilter(admin.SimpleListFilter):
    title = _("errors")
    parameter_name = "errors"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("24h", _("in the last 24 hours"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "24h":
            return queryset
        since = timezone.now() - ERRORS_WITHIN
        failed = AuditEvent.objects.filter(at__gte=since, outcome__in=(REFUSED, ERROR)).values("client_id")
        return queryset.filter(client_id__in=failed)


class UseFilter(admin.SimpleListFilter):
    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("never", _("never used")), ("90d", _("not used for 90 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("never", "90d"):
            return queryset
        tokens, secrets = AccessToken.objects.all(), ClientSecret.objects.exclude(last_used=None)
        if self.value() == "90d":
            since = timezone.now() - timedelta(days=90)
            tokens, secrets = tokens.filter(created__gte=since), secrets.filter(last_used__gte=since)
        return queryset.exclude(Q(pk__in=tokens.values("application")) | Q(pk__in=secrets.values("client")))


class SecretAgeFilter(admin.SimpleListFilter):
    title = _("age of the newest secret")
    parameter_name = "secret_age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(AGES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in AGES:
            return queryset
        since = timezone.now() - timedelta(days=int(self.value() or 0))
        younger = ClientSecret.objects.filter(created__gte=since).values("client")
        return queryset.filter(pk__in=ClientSecret.objects.values("client")).exclude(pk__in=younger)


FILTERS = (
    StateFilter,
    KindFilter,
    ErrorsFilter,
    UseFilter,
    SecretAgeFilter,
    ("registered_by", admin.ChoicesFieldListFilter),
    ("skip_authorization", NotAskedFilter),
)
