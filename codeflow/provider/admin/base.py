"""What the admin's pages share: rows that can only be looked at, a confirmation page, staff acts in the audit trail."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from codeflow.provider import audit

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic in the type stubs alone

STYLES = "codeflow/provider_admin.css"
REVOKE_TOKENS = "codeflow_provider.revoke_tokens"

Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


class ReadOnlyAdmin(ModelAdmin):
    """Look, no more: rows are made by the flow, and end by an action that says what it does."""

    class Media:
        css: ClassVar = {"all": (STYLES,)}

    list_per_page = 50
    show_full_result_count = False  # a second count of a large table
    view_on_site = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never on its own pages; with the person or the client they belong to, rows go (else nobody could delete these)."""
        match = request.resolver_match
        own = f"{self.opts.app_label}_{self.opts.model_name}_"
        return obj is not None and match is not None and not (match.url_name or "").startswith(own)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """For actions with permissions=["revoke"]."""
        return request.user.has_perm(REVOKE_TOKENS)


class IssuedAdmin(ReadOnlyAdmin):
    """What was issued to a client for a person."""

    list_select_related = ("user", "application")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (user_search("user"), "application__name", "application__client_id")

    @admin.display(description=_("resource"))
    def resources(self, row: Any) -> str:
        return "\n".join(row.resource or ())


def user_search(path: str) -> str:
    """The look-up of a person by what they sign in with, whatever the user model calls it."""
    return f"{path}__{get_user_model().USERNAME_FIELD}"


def record(
    request: HttpRequest, event: str, *, client_id: str = "", concerning: object = None, reason: str = ""
) -> None:
    """An act of staff: `user_pk` is who did it; the reason names the person it concerns, where that is another one."""
    if concerning is not None:
        reason = f"user {concerning}"
    audit.record(event, request=request, client_id=client_id, user_pk=request.user.pk, reason=reason)


def is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get("confirmed") == "yes"


def confirmation(
    model_admin: ModelAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    title: str,
    button: str,
    effects: Iterable[str],
) -> HttpResponse:
    """The page between an action of a list and what it does; it posts the same action again, with `confirmed`."""
    across = request.POST.get("select_across", "0")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "button": button,
        "effects": list(effects),
        "names": [str(row) for row in rows[:20]],
        "more": max(rows.count() - 20, 0),
        "pks": rows[:1].values_list("pk", flat=True) if across == "1" else rows.values_list("pk", flat=True),
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": request.POST["action"],
        "across": across,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/codeflow_provider/confirmation.html", context)
