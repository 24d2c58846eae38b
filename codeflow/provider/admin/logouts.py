"""Clients that are to hear of a sign-out (Back-Channel Logout 2.3)."""

from django.contrib import admin

from codeflow.provider.admin.large_tables import ClientFilter, LargeTableAdmin
from codeflow.provider.models import LogoutDelivery


@admin.register(LogoutDelivery)
class LogoutDeliveryAdmin(LargeTableAdmin):
    list_display = ("client", "created", "attempts", "due", "delivered_at", "problem")
    list_select_related = ("client",)
    list_filter = (("client", ClientFilter),)
    fields = ("client", "created", "attempts", "due", "delivered_at", "problem")
