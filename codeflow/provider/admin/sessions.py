"""Who is signed in, since when, and through which clients; signed out here, one browser or all of a person's.

OIDC Core 2; RP-Initiated Logout 2; Back-Channel Logout 2.3.
"""

from typing import Any

from django.contrib import admin, messages
from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.provider import session_endings
from codeflow.provider.admin.base import confirmation, is_confirmed, record
from codeflow.provider.admin.large_tables import OfPersonAndClientAdmin
from codeflow.provider.admin.row_actions import RowActionsAdmin
from codeflow.provider.admin.token_states import moment_words, what_lives_on
from codeflow.provider.models import Client, ProviderSession

_JWT = _("JWT access tokens that servers check by themselves work until they expire.")
_NAMED = 3
"""Clients that a line of the list names."""


class StillSignedInFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("signed in")), ("ended", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("open", "ended"):
            return queryset
        return queryset.filter(ended_at__isnull=self.value() == "open")


class ThroughClientFilter(admin.SimpleListFilter):
    title = _("client")
    parameter_name = "client"
    _listed = 100

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        clients = Client.objects.order_by("name", "client_id").only("name", "client_id")[: self._listed]
        return [(str(client.pk), str(client)) for client in clients]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(clients=int(value)) if value.isascii() and value.isdigit() else queryset


@admin.register(ProviderSession)
class ProviderSessionAdmin(OfPersonAndClientAdmin, RowActionsAdmin):
    client_field = ""
    search_words = _("What a person signs in with, or an e-mail address.")
    list_display = ("user", "state", "through", "auth_time", "how", "created", "ended_at")
    list_select_related = ("user",)
    list_filter = (StillSignedInFilter, ThroughClientFilter)
    fields = ("user", "state", "auth_time", "how", "acr", "client_names", "created", "ended_at")
    readonly_fields = ("state", "how", "client_names")
    actions = ("sign_out", "sign_out_everywhere")
    row_actions = {"sign_out": _("Sign out here"), "sign_out_everywhere": _("Sign this person out everywhere")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderSession]:
        return super().get_queryset(request).prefetch_related("clients")

    @admin.display(description=_("state"))
    def state(self, session: ProviderSession) -> str:
        return str(_("ended") if session.ended_at else _("signed in"))

    @admin.display(description=_("how"))
    def how(self, session: ProviderSession) -> str:
        return str(_("with a password")) if session.amr == "pwd" else session.amr or "-"

    @admin.display(description=_("through"))
    def through(self, session: ProviderSession) -> str:
        names = [str(client) for client in session.clients.all()]
        more = len(names) - _NAMED
        return ", ".join(names[:_NAMED]) + (f" +{more}" if more > 0 else "") or "-"

    @admin.display(description=_("clients"))
    def client_names(self, session: ProviderSession) -> str:
        lines = [(client, client.client_id) for client in session.clients.all()]
        return format_html_join("", '<span class="codeflow-scope">{} <code>{}</code></span>', lines) or "-"

    @admin.action(permissions=["revoke"], description=_("Sign out the selected sessions"))
    def sign_out(self, request: HttpRequest, queryset: QuerySet[ProviderSession]) -> HttpResponse | None:
        if not is_confirmed(request):
            title = str(_("Sign these sessions out?"))
            return self._ask(request, queryset, queryset.filter(ended_at=None), title)
        self._end(request, queryset.filter(ended_at=None))
        return None

    @admin.action(permissions=["revoke"], description=_("Sign the people of the selected sessions out everywhere"))
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[ProviderSession]) -> HttpResponse | None:
        theirs = ProviderSession.objects.filter(
            ended_at=None, user_id__in=set(queryset.values_list("user_id", flat=True))
        )
        if not is_confirmed(request):
            return self._ask(request, queryset, theirs, str(_("Sign these people out everywhere?")))
        self._end(request, theirs)
        return None

    def _ask(
        self, request: HttpRequest, queryset: QuerySet[ProviderSession], ending: QuerySet[ProviderSession], title: str
    ) -> HttpResponse:
        """What ends at once, and what does not."""
        count = ending.count()
        effects = [
            ngettext("%(count)d session ends.", "%(count)d sessions end.", count) % {"count": count},
            _("The person has to sign in again before any client gets a new code from this browser."),
            _("Access tokens, and refresh tokens without offline_access, end at once."),
            _("Refresh tokens with offline_access go on: revoke the grant, or withdraw the consent, to end them."),
            *(what_lives_on(Q(session_id__in=ending.values("pk"))) or [str(_JWT)]),
            _("Clients with a back-channel logout address are told; the others keep their own sessions."),
            _("Other pages of this site know the browser until its next sign-in with a client."),
        ]
        return confirmation(
            self,
            request,
            queryset,
            title=title,
            button=str(_("Sign out")),
            effects=[str(effect) for effect in effects],
            named=_named,
        )

    def _end(self, request: HttpRequest, ending: QuerySet[ProviderSession]) -> None:
        rows = list(ending)
        with transaction.atomic(using=router.db_for_write(ProviderSession)):
            for session in rows:
                session_endings.end(session)
                record(request, "session.ended", concerning=session.user_id)
        done = ngettext("%(count)d session is signed out.", "%(count)d sessions are signed out.", len(rows))
        self.message_user(request, done % {"count": len(rows)}, messages.SUCCESS)


def _named(session: ProviderSession) -> str:
    return f"{session.user}, {moment_words(session.created)}"
