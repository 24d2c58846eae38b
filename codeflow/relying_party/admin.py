"""Admin for the relying party's rows. Tokens are never rendered, and nothing here is made or edited by hand."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from codeflow.relying_party.models import Identity, RPSession, TokenGrant

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic in the type stubs alone


class ReadOnlyAdmin(ModelAdmin):
    """Look and delete, no more."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin):
    list_display = ("user", "provider_key", "sub", "last_login")
    list_filter = ("provider_key",)
    list_select_related = ("user",)
    search_fields = ("sub",)
    fields = ("user", "provider_key", "issuer", "sub", "claims", "created", "last_login")


@admin.register(TokenGrant)
class TokenGrantAdmin(ReadOnlyAdmin):
    list_display = ("identity", "scope", "version", "dead_reason", "created", "updated")
    list_filter = ("dead_reason",)
    list_select_related = ("identity",)
    fields = ("identity", "scope", "expires_at", "version", "dead_reason", "created", "updated")


@admin.register(RPSession)
class RPSessionAdmin(ReadOnlyAdmin):
    list_display = ("identity", "issuer", "created")
    list_select_related = ("identity",)
    fields = ("identity", "grant", "issuer", "sid", "acr", "auth_time", "id_token_exp", "created")
