"""The audit trail: read, searched, filtered, never changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from codeflow.provider.admin.base import ReadOnlyAdmin
from codeflow.provider.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Append-only: nobody adds, changes or deletes a row here, whatever their permissions."""

    list_display = ("at", "event", "outcome", "client_id", "user_pk", "reason", "reference")
    list_filter = ("outcome", "at", "event")
    search_fields = ("=reference", "=client_id", "=user_pk", "=reason", "event", "=address")
    search_help_text = _("Support code, client ID, user, reason, event or address.")
    ordering = ("-pk",)
    fields = ("at", "event", "outcome", "reason", "client_id", "user_pk", "address", "reference")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
