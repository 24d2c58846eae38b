"""What the admin's pages share: rows that can only be looked at, a confirmation page, the password asked once more before
secrets and keys, staff acts in the audit trail.
"""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import authenticate, get_user_model, logout
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from codeflow.admin_lists import CarefulActions
from codeflow.core.errors import TooManyRequests
from codeflow.provider import audit, limits, sessions
from codeflow.provider.conf import provider_settings
from codeflow.provider.views.error_page import error_page
from codeflow.signals import REFUSED

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic in the type stubs alone

STYLES = "codeflow/provider_admin.css"
REVOKE_TOKENS = "codeflow_provider.revoke_tokens"

PASSWORD_FIELD = "codeflow_password"
_FIRST_METHOD = "codeflow_method"
_PROVED = "_codeflow_admin_password"
_GUESSES = 5

Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


class ReadOnlyAdmin(CarefulActions, ModelAdmin):
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
    named: Callable[[Any], str] = str,
) -> HttpResponse:
    """The page between an action of a list and what it does; it posts the same action again, with `confirmed`.

    `named` is what the page calls a row.
    """
    across = request.POST.get("select_across", "0")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "button": button,
        "effects": list(effects),
        "names": [named(row) for row in rows[:20]],
        "more": max(rows.count() - 20, 0),
        "pks": rows[:1].values_list("pk", flat=True) if across == "1" else rows.values_list("pk", flat=True),
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": request.POST["action"],
        "across": across,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/codeflow_provider/confirmation.html", context)


@sensitive_variables("password")
def ask_password(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse | None:
    """The page that asks for the password once more, or None: go on. Call it first in a view that shows or moves a secret.

    A sign-in or a password within CODEFLOW_PROVIDER["ADMIN_PASSWORD_SECONDS"] is enough. The page posts what the request held
    again, so nothing typed is lost; files alone are.
    """
    if not is_password_due(request):
        return None
    password = request.POST.get(PASSWORD_FIELD)
    if password is None:
        return _password_page(model_admin, request)
    if wait := limits.seconds_to_wait(*_guesses(request)):
        waiting = TooManyRequests(retry_after=wait, redirectable=False, reason="rate_limited")
        return error_page(request, waiting, event="staff.password")
    if not _is_own_password(request, password):
        return _wrong_password(model_admin, request)
    request.session[_PROVED] = {"at": time.time(), "wrong": 0}
    if request.POST.get(_FIRST_METHOD) == "GET":
        return redirect(request.get_full_path())
    kept = request.POST.copy()
    for name in (PASSWORD_FIELD, _FIRST_METHOD):
        kept.pop(name, None)
    request.POST = kept  # type: ignore[assignment]  # a QueryDict with a setter
    return None


def is_password_due(request: HttpRequest) -> bool:
    seconds = provider_settings.admin_password_seconds
    if seconds is None:
        return False
    proved = request.session.get(_PROVED, {}).get("at", 0)
    signed_in = request.session.get(sessions.SESSION_KEY, {}).get("auth_time", 0)
    return not 0 <= time.time() - max(proved, signed_in) <= seconds


def _guesses(request: HttpRequest) -> list[limits.Counted]:
    """Those of the sign-in page: many sessions at once, or one sent again and again, guess no more often than it lets them."""
    return limits.password_guesses(request.user.get_username(), request.META)


def _is_own_password(request: HttpRequest, password: str) -> bool:
    """Through the site's backends, so that whatever counts failed sign-ins counts this one too."""
    user: Any = request.user
    proved = authenticate(request, **{user.USERNAME_FIELD: user.get_username(), "password": password})
    return proved is not None and proved.pk == user.pk


def _wrong_password(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """After some guesses the session ends: whoever found an open browser does not get further ones."""
    audit.record("staff.password", outcome=REFUSED, request=request, user_pk=request.user.pk, reason="wrong_password")
    limits.note_failure(*_guesses(request))
    state = request.session.get(_PROVED, {})
    wrong = state.get("wrong", 0) + 1
    if wrong >= _GUESSES:
        logout(request)
        return redirect(request.get_full_path())
    request.session[_PROVED] = {**state, "wrong": wrong}
    return _password_page(model_admin, request, wrong=True)


def _password_page(model_admin: ModelAdmin, request: HttpRequest, *, wrong: bool = False) -> HttpResponse:
    ours = ("csrfmiddlewaretoken", PASSWORD_FIELD, _FIRST_METHOD)
    user: Any = request.user
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Your password, please"),
        "wrong": wrong,
        "has_password": user.has_usable_password(),
        "minutes": round((provider_settings.admin_password_seconds or 0) / 60),
        "field": PASSWORD_FIELD,
        "method_field": _FIRST_METHOD,
        "method": request.POST.get(_FIRST_METHOD, request.method),
        "kept": [(name, value) for name, values in request.POST.lists() if name not in ours for value in values],
        "media": model_admin.media,
    }
    response = render(request, "admin/codeflow_provider/password.html", context, status=403)
    response["Cache-Control"] = "no-store"
    return response
