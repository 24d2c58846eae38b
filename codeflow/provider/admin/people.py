"""What people allowed, where they are signed in, and which clients hear of a sign-out."""

from typing import Any

from django.contrib import admin, messages
from django.db import router, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.provider import revocation, session_endings
from codeflow.provider.admin.base import ReadOnlyAdmin, confirmation, is_confirmed, record, user_search
from codeflow.provider.models import Consent, LogoutDelivery, ProviderSession


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("user", "client", "scope", "created", "updated")
    list_select_related = ("user", "client")
    list_filter = ("client",)
    fields = ("user", "client", "scope", "resource", "created", "updated")
    actions = ("withdraw",)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (user_search("user"), "client__name", "client__client_id")

    @admin.action(permissions=["revoke"], description=_("Withdraw the selected consents"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Consent]) -> HttpResponse | None:
        """Deletes the row and ends everything that was issued under it."""
        if not is_confirmed(request):
            effects = [
                _("The codes and tokens issued under them end at once."),
                _("The client has to ask the person again."),
            ]
            title, button = str(_("Withdraw these consents?")), str(_("Withdraw"))
            return confirmation(self, request, queryset, title=title, button=button, effects=map(str, effects))
        rows = list(queryset.select_related("client"))
        with transaction.atomic(using=router.db_for_write(Consent)):
            for consent in rows:
                consent.delete()
                revocation.end_grants(user_id=consent.user_id, application_id=consent.client_id)
                record(request, "consent.withdrawn", client_id=consent.client.client_id, concerning=consent.user_id)
        done = ngettext("%(count)d consent is withdrawn.", "%(count)d consents are withdrawn.", len(rows))
        self.message_user(request, done % {"count": len(rows)}, messages.SUCCESS)
        return None


class StillSignedInFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("signed in")), ("ended", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("open", "ended"):
            return queryset
        return queryset.filter(ended_at__isnull=self.value() == "open")


@admin.register(ProviderSession)
class ProviderSessionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "user", "auth_time", "amr", "created", "ended_at")
    list_select_related = ("user",)
    list_filter = (StillSignedInFilter,)
    fields = ("user", "auth_time", "acr", "amr", "clients", "created", "ended_at")
    actions = ("sign_out",)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (user_search("user"),)

    @admin.action(permissions=["revoke"], description=_("Sign out the selected sessions"))
    def sign_out(self, request: HttpRequest, queryset: QuerySet[ProviderSession]) -> HttpResponse | None:
        if not is_confirmed(request):
            effects = [
                _("The person has to sign in again before any client gets a new code from this browser."),
                _("Access tokens, and refresh tokens without offline_access, end at once."),
                _("JWT access tokens that servers check by themselves work until they expire."),
            ]
            title, button = str(_("Sign these sessions out?")), str(_("Sign out"))
            return confirmation(self, request, queryset, title=title, button=button, effects=map(str, effects))
        rows = list(queryset.filter(ended_at=None))
        with transaction.atomic(using=router.db_for_write(ProviderSession)):
            for session in rows:
                session_endings.end(session)
                record(request, "session.ended", concerning=session.user_id)
        done = ngettext("%(count)d session is signed out.", "%(count)d sessions are signed out.", len(rows))
        self.message_user(request, done % {"count": len(rows)}, messages.SUCCESS)
        return None


@admin.register(LogoutDelivery)
class LogoutDeliveryAdmin(ReadOnlyAdmin):
    """Clients that are to hear of a sign-out (Back-Channel Logout 2.3)."""

    list_display = ("client", "created", "attempts", "due", "delivered_at", "problem")
    list_select_related = ("client",)
    list_filter = ("client",)
    fields = ("client", "created", "attempts", "due", "delivered_at", "problem")
