"""Codes and tokens: who has what, in which state. Never a value and never a hash; revoked, never edited.

RFC 7009; RFC 9700 4.14.2.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.provider import revocation
from codeflow.provider.admin.base import IssuedAdmin, ReadOnlyAdmin, confirmation, is_confirmed, record
from codeflow.provider.models import AccessToken, RefreshToken

LIVE, EXPIRED, REVOKED, USED = "live", "expired", "revoked", "used"

States = Mapping[str, Callable[[datetime], Q]]
"""State → the rows that are in it at a moment."""

ACCESS_TOKEN_STATES: States = {
    LIVE: lambda now: Q(revoked=None, expires__gt=now),
    EXPIRED: lambda now: Q(revoked=None, expires__lte=now),
    REVOKED: lambda now: Q(revoked__isnull=False),
}
REFRESH_TOKEN_STATES: States = {
    LIVE: lambda now: Q(revoked=None, used_at=None, expires__gt=now, family_expires__gt=now),
    USED: lambda now: Q(revoked=None, used_at__isnull=False),
    EXPIRED: lambda now: Q(revoked=None, used_at=None) & (Q(expires__lte=now) | Q(family_expires__lte=now)),
    REVOKED: lambda now: Q(revoked__isnull=False),
}
CODE_STATES: States = {
    LIVE: lambda now: Q(redeemed_at=None, expires__gt=now),
    USED: lambda now: Q(redeemed_at__isnull=False),
    EXPIRED: lambda now: Q(redeemed_at=None, expires__lte=now),
}

WORDS = {LIVE: _("live"), EXPIRED: _("expired"), REVOKED: _("revoked"), USED: _("used")}


def live_grants(clients: QuerySet[Any]) -> tuple[int, int]:
    """How many people, and how many live tokens, `clients` have."""
    now = timezone.now()
    access = AccessToken.objects.filter(ACCESS_TOKEN_STATES[LIVE](now), application__in=clients)
    refresh = RefreshToken.objects.filter(REFRESH_TOKEN_STATES[LIVE](now), application__in=clients)
    people = access.values_list("user_id").union(refresh.values_list("user_id")).count()
    return people, access.count() + refresh.count()


def count_of_grants(people: int, tokens: int) -> str:
    """ "413 people, 1022 tokens"."""
    return ", ".join(
        (
            ngettext("%(count)d person", "%(count)d people", people) % {"count": people},
            ngettext("%(count)d token", "%(count)d tokens", tokens) % {"count": tokens},
        )
    )


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.states: States = model_admin.states
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, WORDS[name]) for name in self.states]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = self.states.get(self.value() or "")
        return queryset.filter(state(timezone.now())) if state else queryset


class StateAdmin(IssuedAdmin):
    """A list with a state."""

    states: States = {}
    list_filter = (StateFilter, "application")

    @admin.display(description=_("state"))
    def state(self, row: Any) -> str:
        now = timezone.now()
        if row.expires > now and not row.application.is_active:
            return str(_("client disabled"))
        return str(WORDS[self.state_of(row, now)])

    @abstractmethod
    def state_of(self, row: Any, now: datetime) -> str: ...


class TokenAdmin(StateAdmin):
    actions = ("revoke",)
    list_display: Any = ("__str__", "user", "application", "state", "expires", "scope")

    @admin.action(permissions=["revoke"], description=_("Revoke the grants of the selected tokens"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """A token ends with its family: code, refresh tokens, access tokens."""
        if not is_confirmed(request):
            effects = [
                _("Each grant ends at once with all of its tokens: the access tokens and what refreshes them."),
                _("The consent stays: the client may ask for new tokens without asking the person again."),
            ]
            title, button = str(_("Revoke these grants?")), str(_("Revoke"))
            return confirmation(self, request, queryset, title=title, button=button, effects=map(str, effects))
        families = {row.token_family: row for row in queryset.select_related("application")}
        with transaction.atomic(using=router.db_for_write(RefreshToken)):
            for family, row in families.items():
                revocation.revoke_family(family)
                client_id = row.application.client_id
                record(request, "tokens.revoked", client_id=client_id, concerning=row.user_id)
        count = len(families)
        done = ngettext("%(count)d grant is revoked.", "%(count)d grants are revoked.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)
        return None


class AccessTokenAdmin(TokenAdmin):
    states = ACCESS_TOKEN_STATES
    fields = ("user", "application", "state", "scope", "resources", "created", "expires", "revoked")
    readonly_fields = ("state", "resources")

    def state_of(self, row: Any, now: datetime) -> str:
        if row.revoked:
            return REVOKED
        return LIVE if row.expires > now else EXPIRED


class RefreshTokenAdmin(TokenAdmin):
    states = REFRESH_TOKEN_STATES
    fields = (
        "user", "application", "state", "scope", "resources", "created", "expires", "family_expires", "used_at", "revoked",
        "auth_time", "acr", "amr",
    )  # fmt: skip
    readonly_fields = ("state", "resources")

    def state_of(self, row: Any, now: datetime) -> str:
        if row.revoked:
            return REVOKED
        if row.used_at:
            return USED
        return LIVE if min(row.expires, row.family_expires) > now else EXPIRED


class AuthorizationCodeAdmin(StateAdmin):
    states = CODE_STATES
    list_display = ("__str__", "user", "application", "state", "expires", "scope")
    fields = (
        "user",
        "application",
        "state",
        "redirect_uri",
        "scope",
        "resources",
        "created",
        "expires",
        "redeemed_at",
        "auth_time",
    )
    readonly_fields = ("state", "resources")

    def state_of(self, row: Any, now: datetime) -> str:
        if row.redeemed_at:
            return USED
        return LIVE if row.expires > now else EXPIRED


class IDTokenAdmin(ReadOnlyAdmin):
    """Hidden: ID tokens are not stored. DOT's admin registers the model with this class all the same."""

    fields = ("user", "application", "created", "expires")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
