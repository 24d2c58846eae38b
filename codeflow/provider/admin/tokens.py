"""Codes and tokens: who has what, in which state. Never a value and never a hash; revoked, never edited.

RFC 7009; RFC 9700 4.14.2. When a server last took an access token is not known: noting it would cost a write at every call.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from codeflow.provider import revocation
from codeflow.provider.admin.base import ReadOnlyAdmin, confirmation, is_confirmed, record
from codeflow.provider.admin.grant import grant_view
from codeflow.provider.admin.large_tables import ClientFilter, OfPersonAndClientAdmin
from codeflow.provider.admin.row_actions import RowActionsAdmin
from codeflow.provider.admin.scope_words import scope_list, scope_words
from codeflow.provider.admin.token_states import (
    ACCESS_TOKEN_STATES,
    CODE_STATES,
    LIVE,
    REFRESH_TOKEN_STATES,
    WORDS,
    States,
    count_of_grants,
    live_tokens,
    state_words,
    what_lives_on,
)
from codeflow.provider.models import AccessToken, RefreshToken
from codeflow.provider.models.client import AccessTokenFormat

_OFFLINE = Q(scope__regex=r"(^| )offline_access( |$)")


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


class ExpiringFilter(admin.SimpleListFilter):
    """Live ones by when they end."""

    title = _("expiring")
    parameter_name = "expiring"
    _within = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("hour", _("within an hour")), ("day", _("within a day")), ("week", _("within a week"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now, length = timezone.now(), self._within.get(self.value() or "")
        if length is None:
            return queryset
        live: Q = ACCESS_TOKEN_STATES[LIVE](now) if queryset.model is AccessToken else REFRESH_TOKEN_STATES[LIVE](now)
        return queryset.filter(live, expires__lte=now + length)


class FormatFilter(admin.SimpleListFilter):
    """By what the client gets now."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(AccessTokenFormat.OPAQUE, _("opaque")), (AccessTokenFormat.JWT, _("JWT"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = self.value() in AccessTokenFormat.values
        return queryset.filter(application__access_token_format=self.value()) if known else queryset


class OfflineFilter(admin.SimpleListFilter):
    """Whether signing out ends them (OIDC Core 11)."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("session", _("ends with the session")), ("offline", _("outlives the session"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("session", "offline"):
            return queryset
        return queryset.filter(_OFFLINE) if self.value() == "offline" else queryset.exclude(_OFFLINE)


class IssuedAdmin(OfPersonAndClientAdmin):
    """What was issued to a client for a person."""

    states: States = {}
    list_select_related = ("user", "application")
    list_filter: ClassVar[Any] = (StateFilter, ("application", ClientFilter))
    list_display: Any = ("user", "application", "state", "scopes", "created", "expires", "grant")
    readonly_fields = ("state", "scopes", "scopes_granted", "resources", "grant")

    @admin.display(description=_("state"))
    def state(self, row: Any) -> str:
        return state_words(row, timezone.now())

    @admin.display(description=pgettext_lazy("what a token allows", "may"))
    def scopes(self, row: Any) -> str:
        return scope_words(row.scope)

    @admin.display(description=pgettext_lazy("what a token allows", "may"))
    def scopes_granted(self, row: Any) -> str:
        return scope_list(row.scope)

    @admin.display(description=_("resource"))
    def resources(self, row: Any) -> str:
        return "\n".join(row.resource or ())

    @admin.display(description=_("grant"))
    def grant(self, row: Any) -> str:
        address = reverse(f"{self.admin_site.name}:codeflow_provider_grant", args=[self.family_of(row)])
        return format_html('<a href="{}">{}</a>', address, _("code and tokens"))

    def family_of(self, row: Any) -> int:
        family: int = row.token_family
        return family


class TokenAdmin(IssuedAdmin, RowActionsAdmin):
    actions: Any = ("revoke", "revoke_of_person", "revoke_of_client")
    row_actions = {
        "revoke": _("Revoke this grant"),
        "revoke_of_person": _("Revoke all of this person"),
        "revoke_of_client": _("Revoke all of this client"),
    }

    @admin.action(permissions=["revoke"], description=_("Revoke the grants of the selected tokens"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """A token ends with its family: code, refresh tokens, access tokens."""
        families = set(queryset.values_list("token_family", flat=True))
        if not is_confirmed(request):
            effect = _("Each grant ends at once with all of its tokens: the access tokens and what refreshes them.")
            title, button = str(_("Revoke these grants?")), str(_("Revoke"))
            return self._ask(request, queryset, Q(token_family__in=families), title, button, str(effect))
        with transaction.atomic(using=router.db_for_write(RefreshToken)):
            for row in self._one_of_each(queryset, "token_family"):
                revocation.revoke_family(row.token_family)
                record(request, "tokens.revoked", client_id=row.application.client_id, concerning=row.user_id)
        count = len(families)
        done = ngettext("%(count)d grant is revoked.", "%(count)d grants are revoked.", count) % {"count": count}
        self.message_user(request, done, messages.SUCCESS)
        return None

    @admin.action(permissions=["revoke"], description=_("Revoke all tokens of the people of the selected tokens"))
    def revoke_of_person(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        people = set(queryset.values_list("user_id", flat=True))
        if not is_confirmed(request):
            effect = _("These people's codes and tokens end at once, whichever client has them.")
            title, button = str(_("Revoke all tokens of these people?")), str(_("Revoke all"))
            return self._ask(request, queryset, Q(user_id__in=people), title, button, str(effect))
        with transaction.atomic(using=router.db_for_write(RefreshToken)):
            for user_id in sorted(people, key=str):
                revocation.end_grants(user_id=user_id)
                record(request, "tokens.revoked", concerning=user_id)
        done = ngettext(
            "The tokens of %(count)d person are revoked.", "The tokens of %(count)d people are revoked.", len(people)
        )
        self.message_user(request, done % {"count": len(people)}, messages.SUCCESS)
        return None

    @admin.action(permissions=["revoke"], description=_("Revoke all tokens of the clients of the selected tokens"))
    def revoke_of_client(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        clients = set(queryset.values_list("application_id", flat=True))
        if not is_confirmed(request):
            effect = _("These clients' codes and tokens end at once, whoever they are for.")
            title, button = str(_("Revoke all tokens of these clients?")), str(_("Revoke all"))
            return self._ask(request, queryset, Q(application_id__in=clients), title, button, str(effect))
        with transaction.atomic(using=router.db_for_write(RefreshToken)):
            for row in self._one_of_each(queryset, "application_id"):
                revocation.end_grants(application_id=row.application_id)
                record(request, "tokens.revoked", client_id=row.application.client_id)
        done = ngettext(
            "The tokens of %(count)d client are revoked.", "The tokens of %(count)d clients are revoked.", len(clients)
        )
        self.message_user(request, done % {"count": len(clients)}, messages.SUCCESS)
        return None

    def _ask(
        self, request: HttpRequest, queryset: QuerySet[Any], which: Q, title: str, button: str, effect: str
    ) -> HttpResponse:
        lost = _("Lose access at once: %(count)s") % {"count": count_of_grants(*live_tokens(which))}
        stays = _("The consent stays: the client may ask for new tokens without asking the person again.")
        effects = [str(lost), effect, *what_lives_on(which), str(stays)]
        return confirmation(self, request, queryset, title=title, button=button, effects=effects, named=_named)

    def _one_of_each(self, queryset: QuerySet[Any], field: str) -> list[Any]:
        """One row for each value of `field`, in one order whoever asks, so that two revocations never wait for each other."""
        rows = {getattr(row, field): row for row in queryset.select_related("application")}
        return [rows[value] for value in sorted(rows)]


def _named(row: Any) -> str:
    return f"{row.user} – {row.application}"


class AccessTokenAdmin(TokenAdmin):
    states = ACCESS_TOKEN_STATES
    list_filter = (StateFilter, ExpiringFilter, FormatFilter, ("application", ClientFilter))
    actions = ("revoke_alone", *TokenAdmin.actions)
    row_actions = {"revoke_alone": _("Revoke this token alone"), **TokenAdmin.row_actions}
    fields = ("user", "application", "state", "scopes_granted", "resources", "created", "expires", "revoked", "grant")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.grant_page)
        return [path("grants/<int:family>/", view, name="codeflow_provider_grant"), *super().get_urls()]

    def grant_page(self, request: HttpRequest, family: int) -> HttpResponse:
        return grant_view(self, request, family)

    @admin.action(permissions=["revoke"], description=_("Revoke the selected access tokens alone"))
    def revoke_alone(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        if not is_confirmed(request):
            effect = _("What refreshes them stays: the client can get new ones at once.")
            title, button = str(_("Revoke these access tokens?")), str(_("Revoke"))
            return self._ask(request, queryset, Q(pk__in=queryset.values("pk")), title, button, str(effect))
        live = list(queryset.filter(revoked=None).select_related("application"))
        with transaction.atomic(using=router.db_for_write(AccessToken)):
            AccessToken.objects.filter(pk__in=[row.pk for row in live], revoked=None).update(revoked=timezone.now())
            for row in live:
                record(request, "tokens.revoked", client_id=row.application.client_id, concerning=row.user_id)
        done = ngettext("%(count)d token is revoked.", "%(count)d tokens are revoked.", len(live))
        self.message_user(request, done % {"count": len(live)}, messages.SUCCESS)
        return None


class RefreshTokenAdmin(TokenAdmin):
    states = REFRESH_TOKEN_STATES
    list_display = ("user", "application", "state", "scopes", "created", "used_at", "expires", "grant")
    list_filter = (StateFilter, ExpiringFilter, OfflineFilter, ("application", ClientFilter))
    fields = (
        "user", "application", "state", "scopes_granted", "resources", "created", "expires", "family_expires", "used_at",
        "revoked", "grant",
    )  # fmt: skip


class AuthorizationCodeAdmin(IssuedAdmin):
    states = CODE_STATES
    fields = (
        "user", "application", "state", "redirect_uri", "scopes_granted", "resources", "created", "expires", "redeemed_at",
        "grant",
    )  # fmt: skip

    def family_of(self, row: Any) -> int:
        family: int = row.pk
        return family


class IDTokenAdmin(ReadOnlyAdmin):
    """Hidden: ID tokens are not stored. DOT's admin registers the model with this class all the same."""

    fields = ("user", "application", "created", "expires")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
