"""Signing keys: which one signs, which one comes next. The private part is never read here.

OIDC Core 10.1.1. States follow from the clock, so nothing is set by hand.
"""

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from codeflow.provider.admin.base import ReadOnlyAdmin
from codeflow.provider.keys import GONE, NEXT, RETIRING, SIGNING, key_state
from codeflow.provider.models import SigningKey

WORDS = {
    NEXT: _("next: published, does not sign yet"),
    SIGNING: _("signing"),
    RETIRING: _("retiring: what it signed may still be used"),
    GONE: _("gone: no longer published"),
}


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    list_display = ("kid", "alg", "state", "active_from", "created")
    list_filter = ("alg",)
    search_fields = ("kid",)
    ordering = ("alg", "-generation")
    fields = ("kid", "alg", "state", "generation", "active_from", "created", "public_part")
    readonly_fields = ("state", "public_part")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SigningKey]:
        return super().get_queryset(request).defer("private_key")

    def has_delete_permission(self, request: HttpRequest, obj: SigningKey | None = None) -> bool:
        return False

    @admin.display(description=_("state"))
    def state(self, key: SigningKey) -> str:
        keys = list(SigningKey.objects.filter(alg=key.alg).defer("private_key"))
        return str(WORDS[key_state(key, keys, timezone.now())])

    @admin.display(description=_("public key"))
    def public_part(self, key: SigningKey) -> str:
        return format_html('<code class="codeflow-value">{}</code>', json.dumps(key.public_jwk, indent=2))
