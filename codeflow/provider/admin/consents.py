"""What people allowed which clients, and what they were asked for besides; withdrawn here on their behalf.

RFC 6749 10.2, 10.4; OIDC Core 3.1.2.4.
"""

from functools import reduce
from operator import or_

from django.contrib import admin, messages
from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.provider import revocation
from codeflow.provider.admin.base import confirmation, is_confirmed, record
from codeflow.provider.admin.large_tables import ClientFilter, OfPersonAndClientAdmin
from codeflow.provider.admin.row_actions import RowActionsAdmin
from codeflow.provider.admin.scope_words import scope_list, scope_words
from codeflow.provider.admin.token_states import count_of_grants, live_tokens, what_lives_on
from codeflow.provider.models import Consent


@admin.register(Consent)
class ConsentAdmin(OfPersonAndClientAdmin, RowActionsAdmin):
    client_field = "client"
    list_display = ("user", "client", "allowed", "not_allowed", "created", "updated", "text_version")
    list_select_related = ("user", "client")
    list_filter = (("client", ClientFilter),)
    fields = ("user", "client", "allowed_list", "not_allowed_list", "resource", "created", "updated", "said")
    readonly_fields = ("allowed_list", "not_allowed_list", "said")
    actions = ("withdraw",)
    row_actions = {"withdraw": _("Withdraw this consent")}

    @admin.display(description=_("allowed"))
    def allowed(self, consent: Consent) -> str:
        return scope_words(consent.scope)

    @admin.display(description=_("asked for, not allowed"))
    def not_allowed(self, consent: Consent) -> str:
        return scope_words(" ".join(consent.refused_scopes)) or "-"

    @admin.display(description=_("allowed"))
    def allowed_list(self, consent: Consent) -> str:
        return scope_list(consent.scope)

    @admin.display(description=_("asked for, not allowed"))
    def not_allowed_list(self, consent: Consent) -> str:
        return scope_list(" ".join(consent.refused_scopes))

    @admin.display(description=_("text version"))
    def text_version(self, consent: Consent) -> str:
        return consent.text_version or "-"

    @admin.display(description=_("what the page said"))
    def said(self, consent: Consent) -> str:
        """The words as they stood beside each scope, with their version."""
        lines = [*consent.text.items(), (_("text version"), consent.text_version)] if consent.text else []
        return format_html_join("", '<span class="codeflow-scope"><code>{}</code> {}</span>', lines) or "-"

    @admin.action(permissions=["revoke"], description=_("Withdraw the selected consents"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Consent]) -> HttpResponse | None:
        """Deletes the row and ends everything that was issued under it."""
        if not is_confirmed(request):
            title, button = str(_("Withdraw these consents?")), str(_("Withdraw"))
            return confirmation(
                self, request, queryset, title=title, button=button, effects=_effects(queryset), named=_named
            )
        rows = list(queryset.select_related("client"))
        with transaction.atomic(using=router.db_for_write(Consent)):
            for consent in rows:
                consent.delete()
                revocation.end_grants(user_id=consent.user_id, application_id=consent.client_id)
                record(request, "consent.withdrawn", client_id=consent.client.client_id, concerning=consent.user_id)
        done = ngettext("%(count)d consent is withdrawn.", "%(count)d consents are withdrawn.", len(rows))
        self.message_user(request, done % {"count": len(rows)}, messages.SUCCESS)
        return None


def _named(consent: Consent) -> str:
    return f"{consent.user} – {consent.client}"


_COUNTED = 200
"""Consents whose tokens a question counts: beyond them the number says "at least"."""


def _effects(consents: QuerySet[Consent]) -> list[str]:
    pairs = list(consents.values_list("user_id", "client_id")[: _COUNTED + 1])
    which = reduce(or_, (Q(user_id=user, application_id=client) for user, client in pairs[:_COUNTED]), Q(pk=None))
    count = count_of_grants(*live_tokens(which))
    lose = (
        _("Lose access at once: %(count)s") if len(pairs) <= _COUNTED else _("Lose access at once, at least: %(count)s")
    )
    return [
        str(lose % {"count": count}),
        str(_("The codes and tokens issued under them end at once.")),
        *what_lives_on(which),
        str(_("The client has to ask the person again.")),
    ]
