"""What may be done to the selected clients: disabled, enabled, cut off, given a new secret, exported. Each is asked first, with numbers.

RFC 7009; RFC 7591 2 (the names of the export).
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.admin_lists import CarefulActions
from codeflow.provider import revocation
from codeflow.provider.admin.base import REVOKE_TOKENS, ModelAdmin, confirmation, is_confirmed, record
from codeflow.provider.admin.client_secrets import ROTATE_SECRET
from codeflow.provider.admin.token_states import count_of_grants, live_grants, what_lives_on
from codeflow.provider.clients import registration_of
from codeflow.provider.models import Client

Rows = QuerySet[Client]


class ClientActions(CarefulActions, ModelAdmin):
    """A mix-in of the client's admin."""

    actions: Any = ("disable", "enable", "end_grants", "rotate", "export")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting is for one client at a time, on a page that says what it does."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(REVOKE_TOKENS)

    def has_rotate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ROTATE_SECRET)

    @admin.action(permissions=["change"], description=_("Disable the selected clients"))
    def disable(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        active = queryset.filter(is_active=True)
        if not is_confirmed(request):
            effects = [
                _("Lose access at once: %(count)s") % {"count": count_of_grants(*live_grants(active))},
                *what_lives_on(Q(application__in=active)),
                _("Nobody can sign in with them, and their secrets work no more."),
                _("Their codes and tokens end at once. Enabling them again lets people sign in anew."),
            ]
            return self._ask(request, queryset, _("Disable these clients?"), _("Disable"), effects)
        count = self._set_active(request, active, active=False)
        done = ngettext("%(count)d client is disabled.", "%(count)d clients are disabled.", count)
        return self._say(request, done, count)

    @admin.action(permissions=["change"], description=_("Enable the selected clients"))
    def enable(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        disabled = queryset.filter(is_active=False)
        if not is_confirmed(request):
            count = disabled.count()
            words = ngettext("%(count)d client works again.", "%(count)d clients work again.", count)
            effects = [
                words % {"count": count},
                _("People can sign in with them again, and what they allowed before counts again."),
                _("Their earlier tokens stay ended."),
            ]
            return self._ask(request, queryset, _("Enable these clients?"), _("Enable"), effects)
        count = self._set_active(request, disabled, active=True)
        return self._say(
            request, ngettext("%(count)d client is enabled.", "%(count)d clients are enabled.", count), count
        )

    @admin.action(permissions=["revoke"], description=_("Revoke all tokens of the selected clients"))
    def end_grants(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        if not is_confirmed(request):
            effects = [
                _("Lose access at once: %(count)s") % {"count": count_of_grants(*live_grants(queryset))},
                *what_lives_on(Q(application__in=queryset)),
                _("Consents stay: a client may ask for new tokens without asking people again."),
            ]
            return self._ask(request, queryset, _("Revoke all tokens of these clients?"), _("Revoke all"), effects)

        def end(client: Client) -> None:
            revocation.end_grants(application_id=client.pk)
            record(request, "tokens.revoked", client_id=client.client_id)

        count = _each(queryset, end)
        words = ngettext(
            "The tokens of %(count)d client are revoked.", "The tokens of %(count)d clients are revoked.", count
        )
        return self._say(request, words, count)

    @admin.action(permissions=["rotate"], description=_("Rotate the secret of the selected client"))
    def rotate(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        """One at a time: each secret is shown once, on a page of its own, which asks how long the old one works on."""
        confidential = list(queryset.filter(client_type=Client.CLIENT_CONFIDENTIAL)[:2])
        if queryset.count() != 1 or len(confidential) != 1:
            words = _("Choose one client that has a secret: the new one is shown once, on a page of its own.")
            self.message_user(request, words, messages.WARNING)
            return None
        name = "admin:codeflow_provider_client_rotate_secret"
        return HttpResponseRedirect(reverse(name, args=(confidential[0].pk,), current_app=self.admin_site.name))

    @admin.action(permissions=["view"], description=_("Export the selected clients as JSON, without secrets"))
    def export(self, request: HttpRequest, queryset: Rows) -> HttpResponse | None:
        if not is_confirmed(request):
            count = queryset.count()
            words = ngettext("The file holds %(count)d client.", "The file holds %(count)d clients.", count)
            effects = [
                words % {"count": count},
                _("It holds addresses, scopes and settings, under the names of RFC 7591 where there is one."),
                _("It holds no secret, no fingerprint of one, no token, and nobody's name."),
            ]
            return self._ask(request, queryset, _("Export these clients?"), _("Export"), effects)
        rows = list(queryset.order_by("client_id"))
        record(request, "client.exported", reason=f"{len(rows)} clients")
        response = JsonResponse(
            {"clients": [registration_of(client) for client in rows]}, json_dumps_params={"indent": 2}
        )
        response["Content-Disposition"] = 'attachment; filename="clients.json"'
        response["Cache-Control"] = "no-store"
        return response

    def _ask(self, request: HttpRequest, rows: Rows, title: Any, button: Any, effects: list[Any]) -> HttpResponse:
        return confirmation(self, request, rows, title=str(title), button=str(button), effects=map(str, effects))

    def _say(self, request: HttpRequest, words: str, count: int) -> HttpResponse | None:
        """Back to the list, as an action that gives None goes."""
        self.message_user(request, words % {"count": count}, messages.SUCCESS)
        return None

    def _set_active(self, request: HttpRequest, queryset: Rows, *, active: bool) -> int:
        def turn(client: Client) -> None:
            client.is_active = active
            client.save(update_fields=["is_active"])
            record(request, "client.enabled" if active else "client.disabled", client_id=client.client_id)

        return _each(queryset, turn)


def _each(queryset: Rows, act: Callable[[Client], None]) -> int:
    """All of them or none."""
    rows = list(queryset)
    with transaction.atomic(using=router.db_for_write(Client)):
        for client in rows:
            act(client)
    return len(rows)
