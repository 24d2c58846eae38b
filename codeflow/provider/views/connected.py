"""Connected applications: what a person has let in, since when, and the way to end it.

RFC 6749 10.2; RFC 7009 2.1. Nobody's but one's own: each look-up begins at `request.user`. Only a POST changes anything.
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.generic import View

from codeflow.provider import connected, scope_words
from codeflow.provider.connected import ConnectedApplication
from codeflow.provider.models import AuditEvent, Client
from codeflow.provider.models.client import AccessTokenFormat
from codeflow.provider.views.activity_words import ACTIVITY, activity_words
from codeflow.provider.views.client_words import client_words
from codeflow.provider.views.pages import page, see_other

PER_PAGE = 20
EVENTS_PER_PAGE = 50

REMOVED = "_codeflow_removed"
"""Session key: how many applications the person removed just now, told once."""


@method_decorator([login_not_required, csrf_protect], name="dispatch")
class OwnPage(View):
    """For people who are signed in; everybody else signs in first and comes back."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            back = request.path if request.method == "GET" else reverse("codeflow_provider:connected")
            return see_other(request, redirect_to_login(back))
        return super().dispatch(request, *args, **kwargs)

    def show(self, template: str, context: dict[str, Any]) -> HttpResponse:
        return page(self.request, template, {"account": self.request.user, **context})


class ConnectedView(OwnPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        clients = _page(request, connected.clients_of(request.user), PER_PAGE)
        applications = [_shown(one) for one in connected.described(request.user, clients)]
        return self.show(
            "connected.html",
            {"applications": applications, "page": clients, "removed": request.session.pop(REMOVED, 0)},
        )


class ApplicationView(OwnPage):
    """One application: all that is known of it, and what the consent page said."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show("connected_application.html", _one(request, pk))


class RemoveView(OwnPage):
    """A GET says what will happen; the POST does it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show("connected_remove.html", _one(request, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        client = get_object_or_404(connected.clients_of(request.user), pk=pk)
        connected.remove(request, request.user, client)
        return _back(request, removed=1)


class RemoveAllView(OwnPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        clients = connected.clients_of(request.user)
        names = [str(client) for client in clients[: PER_PAGE + 1]]
        jwt = clients.filter(access_token_format=AccessTokenFormat.JWT).exists()
        context = {"names": names[:PER_PAGE], "more": len(names) > PER_PAGE, "tokens_outlive_removal": jwt}
        return self.show("connected_remove_all.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        return _back(request, removed=connected.remove_all(request, request.user))


class ActivityView(OwnPage):
    """What the audit trail holds of one's own account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        mine = AuditEvent.objects.filter(user_pk=str(request.user.pk), event__in=ACTIVITY).order_by("-pk")
        events = _page(request, mine, EVENTS_PER_PAGE)
        names = dict(
            Client.objects.filter(client_id__in={one.client_id for one in events}).values_list("client_id", "name")
        )
        lines = [(one, activity_words(one, names.get(one.client_id) or one.client_id)) for one in events]
        return self.show("connected_activity.html", {"lines": lines, "page": events})


def _one(request: HttpRequest, pk: int) -> dict[str, Any]:
    client = get_object_or_404(connected.clients_of(request.user), pk=pk)
    (application,) = connected.described(request.user, [client])
    return _shown(application)


def _shown(application: ConnectedApplication) -> dict[str, Any]:
    return {
        "application": application,
        **client_words(application.client),
        "can": [scope_words.text_of(scope) for scope in application.scopes],
        "groups": scope_words.grouped(application.scopes),
        "refused": [scope_words.text_of(scope) for scope in application.refused],
        "text": [application.text[scope] for scope in application.scopes if scope in application.text],
    }


def _page(request: HttpRequest, rows: Any, size: int) -> "Page[Any]":
    """The page that `?page=` names, the nearest one there is for any other word."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def _back(request: HttpRequest, *, removed: int) -> HttpResponse:
    request.session[REMOVED] = removed
    return see_other(request, HttpResponse(status=302, headers={"Location": reverse("codeflow_provider:connected")}))
