"""The page of an error that nobody is redirected with: for the person, and for the developer who must mend it.

RFC 6749 3.1.2.4, 4.1.2.1; RFC 9700 4.11. It never shows the application's logo: nobody has vouched for who asks. What was sent and what is
registered is for DEBUG and staff; which other keys exist is for staff who may see clients.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, pgettext_lazy

from codeflow.core.errors import OAuthError, TemporarilyUnavailable, TooManyRequests
from codeflow.core.redirect_uri_advice import redirect_uri_difference
from codeflow.provider import audit, clients
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import Client
from codeflow.provider.views.client_words import contact_address
from codeflow.provider.views.error_words import reason_of, slug, words_for
from codeflow.provider.views.pages import page
from codeflow.signals import ERROR, REFUSED

ANSWERED = frozenset({"decision", "decision_replayed"})
"""Reasons that say: what the person decided on this page before may have counted."""

NAMELESS = frozenset({"unknown_client", "client_id_missing"})
"""Reasons under which a client_id is nobody's name."""

_ADDRESSES = {"redirect_uri_mismatch": "redirect_uris", "logout_uri_mismatch": "post_logout_redirect_uris"}
"""Reason → the field of Client with what may be sent."""

_LOOKED_AT, _NEAR = 2000, 3

log = logging.getLogger("codeflow.provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    name: str
    label: Any
    values: list[str]


def error_page(
    request: HttpRequest, error: OAuthError, *, event: str, facts: Mapping[str, str] | None = None
) -> HttpResponse:
    """What happened, what to do and a support code; `facts` are the parameters that were sent, for DEBUG and staff alone."""
    sent = facts or {}
    reference = audit.record(
        event,
        outcome=ERROR if error.status_code >= 500 else REFUSED,
        request=request,
        client_id=sent.get("client_id", ""),
        user_pk=request.user.pk if request.user.is_authenticated else "",
        reason=error.reason or error.error,
        reference=audit.new_reference(),
    )
    log.warning("%s: %s %s %s", event, error.error, error.reason, error.detail, extra={"reference": reference})
    reason = reason_of(error, event)
    client = None if reason in NAMELESS else _client(sent.get("client_id", ""))
    contact = (client.contact if client else "") or ""
    context = {
        "error": error,
        "reason": reason,
        "words": words_for(reason, client.name[:80] if client else ""),
        "answered": error.reason in ANSWERED,
        "wait": ceil(error.retry_after / 60) if isinstance(error, TooManyRequests) else 0,
        "reference": reference,
        "contact": contact,
        "contact_uri": contact_address(contact),
        "site_contact": provider_settings.contact,
        "site_contact_uri": contact_address(provider_settings.contact),
        "developer": _for_developers(request, error, reason, sent, client),
    }
    response = page(request, "error.html", context, status=error.status_code)
    if isinstance(error, TemporarilyUnavailable):
        response["Retry-After"] = str(error.retry_after)
    return response


def _client(client_id: str) -> Client | None:
    """Whom the request named, where there is such a client and the database tells."""
    known = clients.find_client(client_id) if client_id.isprintable() and client_id else None
    return known.client if known is not None else None


def _for_developers(
    request: HttpRequest, error: OAuthError, reason: str, sent: Mapping[str, str], client: Client | None
) -> dict[str, Any] | None:
    user: Any = request.user
    staff = bool(getattr(user, "is_staff", False) and user.is_active)
    if not (settings.DEBUG or staff):
        return None
    registered = getattr(client, _ADDRESSES.get(reason, ""), "").split() if client else []
    address = sent.get(_parameter(reason), "")
    return {
        "debug": settings.DEBUG,
        "description": error.description,
        "facts": _facts(reason, sent, registered),
        "difference": _difference(address, registered) if reason in _ADDRESSES else "",
        "admin_url": _admin_url(client, reason) if client and staff else "",
        "near": _near(sent.get("client_id", "")) if reason == "unknown_client" and _may_see_clients(user) else [],
        "docs_url": reverse("codeflow_provider:error_docs", args=[slug(reason)]),
    }


def _facts(reason: str, sent: Mapping[str, str], registered: list[str]) -> list[Fact]:
    """What was sent beside what is registered."""
    found = [Fact(name="client-id", label="client_id", values=[sent["client_id"]])] if sent.get("client_id") else []
    if value := sent.get(_parameter(reason)):
        found.append(Fact(name="sent", label=pgettext_lazy("developer's facts", "sent"), values=[value]))
    if registered:
        label = pgettext_lazy("developer's facts", "registered")
        found.append(Fact(name="registered", label=label, values=registered[:_NEAR]))
    return found


def _parameter(reason: str) -> str:
    return "post_logout_redirect_uri" if reason == "logout_uri_mismatch" else "redirect_uri"


def _difference(sent: str, registered: list[str]) -> str:
    difference = redirect_uri_difference(sent, registered)
    return gettext(difference.message) % difference.params


def _admin_url(client: Client, reason: str) -> str:
    """The client's page in the admin, at the field that the error is about; "" where the site has no admin."""
    try:
        url = reverse("admin:codeflow_provider_client_change", args=[client.pk])
    except NoReverseMatch:
        return ""
    field = _ADDRESSES.get(reason, "")
    return f"{url}#id_{field}" if field else url


def _may_see_clients(user: Any) -> bool:
    return bool(user.is_active and user.is_staff and user.has_perm("codeflow_provider.view_client"))


def _near(client_id: str) -> list[str]:
    """Keys that look like the one that was sent."""
    known = Client.objects.order_by("-pk").values_list("client_id", flat=True)[:_LOOKED_AT]
    return get_close_matches(client_id, list(known), n=_NEAR)
