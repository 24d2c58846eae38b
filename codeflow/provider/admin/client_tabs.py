"""What is known of one client: its use, its people, its tokens, its events, and ready settings for the other side."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from codeflow.provider.admin.base import ModelAdmin
from codeflow.provider.admin.client_figures import figures_of
from codeflow.provider.admin.client_pages import client_or_404, client_page, may_open
from codeflow.provider.admin.client_secrets import old_secrets
from codeflow.provider.admin.client_snippets import SECRET_VARIABLE, snippets
from codeflow.provider.admin.event_words import event_words, outcome_words
from codeflow.provider.admin.scope_words import scope_words
from codeflow.provider.admin.token_states import ACCESS_TOKEN_STATES, LIVE, REFRESH_TOKEN_STATES
from codeflow.provider.models import AccessToken, AuditEvent, Client, Consent, RefreshToken
from codeflow.provider.models.client_addresses import in_words
from codeflow.signals import ERROR, REFUSED

ROWS = 25
"""On a tab; the whole list is a link away."""


def overview(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    client = client_or_404(model_admin, request, object_id)
    failed = AuditEvent.objects.filter(client_id=client.client_id, outcome__in=(REFUSED, ERROR)).order_by("-pk")
    context = {
        "figures": figures_of([client])[client.pk],
        "warnings": [in_words(note) for note in client.redirect_uri_warnings()],
        "errors": _events(failed[:10]) if may_open(request, "events") else (),
        "old_secrets": old_secrets(request, client),
        "errors_url": events_url(client, failures=True),
    }
    title = _("%(client)s: overview") % {"client": client}
    return client_page(model_admin, request, client, "overview.html", tab="overview", title=title, **context)


def people(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    client = _client_for(model_admin, request, object_id, "people")
    consents = Consent.objects.filter(client=client).select_related("user").order_by("-updated")
    rows = [{"consent": consent, "words": scope_words(consent.scope)} for consent in consents[:ROWS]]
    title = _("%(client)s: people who allowed it") % {"client": client}
    context = {"rows": rows, "count": consents.count(), "all_url": _list_url("consent", client__id__exact=client.pk)}
    return client_page(model_admin, request, client, "people.html", tab="people", title=title, **context)


def tokens(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    client = _client_for(model_admin, request, object_id, "tokens")
    now = timezone.now()
    access: QuerySet[Any] = AccessToken.objects.filter(ACCESS_TOKEN_STATES[LIVE](now), application=client)
    refresh: QuerySet[Any] = RefreshToken.objects.filter(REFRESH_TOKEN_STATES[LIVE](now), application=client)
    lists = [
        (_("Access tokens"), access, "accesstoken"),
        (_("Refresh tokens"), refresh, "refreshtoken"),
    ]
    context = {
        "lists": [
            {
                "words": words,
                "rows": rows.select_related("user").order_by("-pk")[:ROWS],
                "count": rows.count(),
                "url": _list_url(model, application__id__exact=client.pk),
            }
            for words, rows, model in lists
        ]
    }
    title = _("%(client)s: live tokens") % {"client": client}
    return client_page(model_admin, request, client, "tokens.html", tab="tokens", title=title, **context)


def events(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    client = _client_for(model_admin, request, object_id, "events")
    rows = _events(AuditEvent.objects.filter(client_id=client.client_id).order_by("-pk")[:ROWS])
    title = _("%(client)s: what happened last") % {"client": client}
    context = {"rows": rows, "all_url": events_url(client)}
    return client_page(model_admin, request, client, "events.html", tab="events", title=title, **context)


def integration(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    client = client_or_404(model_admin, request, object_id)
    title = _("%(client)s: settings for the other side") % {"client": client}
    context = {"snippets": snippets(client), "variable": "" if client.is_public else SECRET_VARIABLE}
    return client_page(model_admin, request, client, "integration.html", tab="integration", title=title, **context)


def events_url(client: Client, *, failures: bool = False) -> str:
    """The audit trail, narrowed to this client and, where wanted, to what went wrong."""
    more = {"outcome__in": f"{REFUSED},{ERROR}"} if failures else {}
    return _list_url("auditevent", client_id__exact=client.client_id, **more)


def _client_for(model_admin: ModelAdmin, request: HttpRequest, object_id: str, tab: str) -> Client:
    client = client_or_404(model_admin, request, object_id)
    if not may_open(request, tab):
        raise PermissionDenied
    return client


def _events(rows: Any) -> list[dict[str, Any]]:
    return [{"row": row, "words": event_words(row.event), "outcome": outcome_words(row.outcome)} for row in rows]


def _list_url(model: str, **narrowed: Any) -> str:
    return f"{reverse(f'admin:codeflow_provider_{model}_changelist')}?{urlencode(narrowed)}"
