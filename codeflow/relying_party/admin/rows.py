"""Linked accounts, sessions and grants: looked at and ended. Each end asks first, and needs the permission to delete such rows."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.admin_lists import CarefulActions, CarefulList
from codeflow.relying_party import signals
from codeflow.relying_party.conf import conf, moment_of
from codeflow.relying_party.grants import withdraw
from codeflow.relying_party.linking import delete_identity, without_another_way_in
from codeflow.relying_party.models import Identity, RPSession, TokenGrant
from codeflow.relying_party.sessions import forget_sessions

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic in the type stubs alone

STYLES = "codeflow/relying_party_admin.css"
WITHDRAWN = "withdrawn by an administrator"
_NAMED = 20


class EndOnlyAdmin(CarefulActions, ModelAdmin):
    """Look, and end by the one action that says what happens; deleting a row does the same."""

    class Media:
        css: ClassVar = {"all": (STYLES,)}

    list_per_page = 50
    show_full_result_count = False
    person = "identity__user"
    """The way from a row to the local user."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CarefulList

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """A person by what they sign in with here and by e-mail address, and the subject at the provider."""
        model = get_user_model()
        names = dict.fromkeys([model.USERNAME_FIELD, model.get_email_field_name()])
        known = {field.name for field in model._meta.get_fields()}
        subject = f"{self.person.removesuffix('user')}sub"
        return (f"={subject}", *(f"{self.person}__{name}" for name in names if name in known))

    def note(self, request: Any, rows: QuerySet[Any], act: str, *, gone: bool) -> None:
        """The act of staff, in the admin's own log and for listeners. Call it before rows go."""
        LogEntry.objects.log_actions(request.user.pk, rows, DELETION if gone else CHANGE, act)
        keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
        signals.announce("staff_acted", request=request, user_pk=request.user.pk, act=act, rows=keys)

    def ask(
        self, request: HttpRequest, rows: QuerySet[Any], *, title: Any, button: Any, effects: Iterable[Any]
    ) -> HttpResponse:
        """The page between an action and what it does; it posts the same action again, with `confirmed`."""
        across = request.POST.get("select_across", "0")
        keys = rows.values_list("pk", flat=True)
        count = rows.count()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "button": button,
            "effects": list(effects),
            "names": [str(row) for row in rows[:_NAMED]],
            "more": max(count - _NAMED, 0),
            "pks": list(keys[:1]) if across == "1" else list(keys),
            "checkbox": ACTION_CHECKBOX_NAME,
            "action": request.POST["action"],
            "across": across,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/codeflow_relying_party/confirmation.html", context)


@admin.register(Identity)
class IdentityAdmin(EndOnlyAdmin):
    person = "user"
    list_display = ("user", "provider", "issuer", "sub", "last_login")
    list_filter = ("provider_key",)
    list_select_related = ("user",)
    fields = ("user", "provider", "issuer", "sub", "claims", "created", "last_login")
    readonly_fields = ("provider",)
    actions = ("unlink",)

    @admin.display(description=_("provider"), ordering="provider_key")
    def provider(self, identity: Identity) -> str:
        known = identity.provider_key in conf.provider_names
        return (
            conf.label(identity.provider_key) if known else str(_("%s (not in the settings)") % identity.provider_key)
        )

    @admin.action(description=_("Unlink: ends their sessions and tokens here"), permissions=["delete"])
    def unlink(self, request: HttpRequest, queryset: QuerySet[Identity]) -> HttpResponse | None:
        identities = list(queryset.select_related("user"))
        if not is_confirmed(request):
            title = _("Unlink these accounts?")
            return self.ask(request, queryset, title=title, button=_("Unlink"), effects=_unlinking(identities))
        self.note(request, queryset, "unlinked", gone=True)
        for identity in identities:
            delete_identity(identity, request=request)
        done = ngettext("%d account was unlinked.", "%d accounts were unlinked.", len(identities)) % len(identities)
        messages.success(request, done)
        return None

    def delete_model(self, request: HttpRequest, obj: Identity) -> None:
        delete_identity(obj, request=request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What the question before deleting says: who cannot come back comes first."""
        rows, counts, needed, protected = super().get_deleted_objects(objs, request)
        identities = list(Identity.objects.select_related("user").filter(pk__in=[row.pk for row in objs]))
        return [*_unlinking(identities), *rows], counts, needed, protected


def _unlinking(identities: list[Identity]) -> list[str]:
    stranded = without_another_way_in(identities)
    warnings = [
        str(_("%(person)s has no other way in: no password here, and no other account linked.") % {"person": user})
        for user in stranded
    ]
    return [
        *warnings,
        str(_("Sessions that began with them end at the next request, and the tokens held for them are deleted.")),
        str(
            _(
                "The local user stays. The next sign-in with that account is a stranger's: a new local user, or a refusal."
            )
        ),
    ]


@admin.register(TokenGrant)
class TokenGrantAdmin(EndOnlyAdmin):
    list_display = ("identity", "person_here", "state", "scope", "refreshed", "created", "updated")
    list_filter = ("identity__provider_key",)
    list_select_related = ("identity", "identity__user")
    fields = ("identity", "state", "scope", "expires", "refreshed", "created", "updated")
    readonly_fields = ("state", "expires", "refreshed")
    actions = ("revoke",)

    @admin.display(description=_("user"))
    def person_here(self, grant: TokenGrant) -> Any:
        return grant.identity.user

    @admin.display(description=_("state"))
    def state(self, grant: TokenGrant) -> str:
        if grant.dead_reason:
            return str(_("ended: %s") % grant.dead_reason)
        is_fresh = grant.expires_at > timezone.now().timestamp()
        return str(_("live") if is_fresh else _("access token expired, renewed when it is needed"))

    @admin.display(description=_("access token expires"))
    def expires(self, grant: TokenGrant) -> Any:
        return _words(grant.expires_at)

    @admin.display(description=_("times refreshed"), ordering="version")
    def refreshed(self, grant: TokenGrant) -> int:
        return grant.version

    @admin.action(description=_("Revoke: at the provider too, as far as it can be reached"), permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[TokenGrant]) -> HttpResponse | None:
        live = queryset.filter(dead_reason="")
        if not is_confirmed(request):
            effects = (
                _("The tokens are deleted here and given back to the provider, as far as it can be reached."),
                _("The people stay signed in; the next call to an API asks them to sign in again."),
            )
            return self.ask(request, queryset, title=_("Revoke these grants?"), button=_("Revoke"), effects=effects)
        grants = list(live.select_related("identity"))
        self.note(request, live, "revoked", gone=False)
        for grant in grants:
            withdraw(grant, WITHDRAWN)
        messages.success(
            request, ngettext("%d grant was revoked.", "%d grants were revoked.", len(grants)) % len(grants)
        )
        return None


@admin.register(RPSession)
class RPSessionAdmin(EndOnlyAdmin):
    list_display = ("identity", "person_here", "issuer", "acr", "created")
    list_filter = ("identity__provider_key",)
    list_select_related = ("identity", "identity__user")
    fields = ("identity", "grant", "issuer", "sid", "acr", "authenticated", "id_token_expires", "created")
    readonly_fields = ("authenticated", "id_token_expires")
    actions = ("end_sessions",)

    @admin.display(description=_("user"))
    def person_here(self, session: RPSession) -> Any:
        return session.identity.user

    @admin.display(description=_("authenticated"))
    def authenticated(self, session: RPSession) -> Any:
        return None if session.auth_time is None else _words(session.auth_time)

    @admin.display(description=_("ID token expires"))
    def id_token_expires(self, session: RPSession) -> Any:
        return _words(session.id_token_exp)

    @admin.action(description=_("End sessions: signed out at their next request"), permissions=["delete"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[RPSession]) -> HttpResponse | None:
        if not is_confirmed(request):
            effects = (
                _(
                    "The browsers are signed out here at their next request, and the tokens of these sessions are deleted."
                ),
                _("At the provider the people stay signed in."),
            )
            return self.ask(request, queryset, title=_("End these sessions?"), button=_("End"), effects=effects)
        self.note(request, queryset, "session ended", gone=True)
        ended = forget_sessions(queryset)
        messages.success(request, ngettext("%d session was ended.", "%d sessions were ended.", ended) % ended)
        return None

    def delete_model(self, request: HttpRequest, obj: RPSession) -> None:
        forget_sessions(RPSession.objects.filter(pk=obj.pk))


def _words(seconds: float) -> str:
    """Seconds since 1970 as staff read a time."""
    moment = moment_of(seconds)
    return date_format(timezone.localtime(moment) if timezone.is_aware(moment) else moment, "DATETIME_FORMAT")


def is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get("confirmed") == "yes"
