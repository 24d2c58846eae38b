"""Admin for the relying party's rows. Tokens are never rendered, and nothing here is made or edited by hand.

What staff may do is end things: a link, a session, a grant. Each needs the permission to delete such rows.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.relying_party.grants import withdraw
from codeflow.relying_party.linking import delete_identity
from codeflow.relying_party.models import Identity, RPSession, TokenGrant
from codeflow.relying_party.sessions import forget_sessions

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic in the type stubs alone

WITHDRAWN = "withdrawn by an administrator"


class EndOnlyAdmin(ModelAdmin):
    """Look, and end by the one action that says what happens; deleting a row does the same."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


@admin.register(Identity)
class IdentityAdmin(EndOnlyAdmin):
    list_display = ("user", "provider_key", "sub", "last_login")
    list_filter = ("provider_key",)
    list_select_related = ("user",)
    search_fields = ("sub",)
    fields = ("user", "provider_key", "issuer", "sub", "claims", "created", "last_login")
    actions = ("unlink",)

    @admin.action(description=_("Unlink: ends their sessions and tokens here"), permissions=["delete"])
    def unlink(self, request: HttpRequest, queryset: QuerySet[Identity]) -> None:
        identities = list(queryset)
        for identity in identities:
            self.delete_model(request, identity)
        done = ngettext("%d account was unlinked.", "%d accounts were unlinked.", len(identities)) % len(identities)
        messages.success(request, done)

    def delete_model(self, request: HttpRequest, obj: Identity) -> None:
        delete_identity(obj, request=request)


@admin.register(TokenGrant)
class TokenGrantAdmin(EndOnlyAdmin):
    list_display = ("identity", "scope", "version", "dead_reason", "created", "updated")
    list_filter = ("dead_reason",)
    list_select_related = ("identity",)
    fields = ("identity", "scope", "expires_at", "version", "dead_reason", "created", "updated")
    actions = ("revoke",)

    @admin.action(description=_("Revoke: at the provider too, as far as it can be reached"), permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[TokenGrant]) -> None:
        grants = list(queryset.filter(dead_reason="").select_related("identity"))
        for grant in grants:
            withdraw(grant, WITHDRAWN)
        messages.success(
            request, ngettext("%d grant was revoked.", "%d grants were revoked.", len(grants)) % len(grants)
        )


@admin.register(RPSession)
class RPSessionAdmin(EndOnlyAdmin):
    list_display = ("identity", "issuer", "created")
    list_select_related = ("identity",)
    fields = ("identity", "grant", "issuer", "sid", "acr", "auth_time", "id_token_exp", "created")
    actions = ("end_sessions",)

    @admin.action(description=_("End sessions: signed out at their next request"), permissions=["delete"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[RPSession]) -> None:
        ended = forget_sessions(queryset)
        messages.success(request, ngettext("%d session was ended.", "%d sessions were ended.", ended) % ended)

    def delete_model(self, request: HttpRequest, obj: RPSession) -> None:
        forget_sessions(RPSession.objects.filter(pk=obj.pk))
