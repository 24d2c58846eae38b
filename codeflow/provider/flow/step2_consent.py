"""Step 2: the person grants or denies.

RFC 6749 4.1.1, 10.2; OIDC Core 3.1.2.4, 11. What the page showed stays in the session under a random id; the browser posts that id
and yes or no, so nothing it posts can widen the request.
"""

import secrets
import time
from collections.abc import MutableMapping
from typing import Any

from codeflow.core.errors import ConsentRequired, InvalidRequest
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow.messages import CheckedAuthorizationRequest
from codeflow.provider.models import Consent

SESSION_KEY = "_codeflow_consent"
PENDING = 5
PENDING_SECONDS = 600
CLOCK_SKEW = 60
"""Seconds by which the clocks of two servers may differ."""


def consent_needed(request: CheckedAuthorizationRequest, consent: Consent | None) -> bool:
    """Whether the page must be shown. Raises ConsentRequired where it must and prompt=none forbids it (OIDC Core 3.1.2.6)."""
    assured = request.client.identity_assured(request.destination.redirect_uri)
    if (
        "consent" not in request.prompts
        and assured
        and (request.client.skip_authorization or _covers(consent, request))
    ):
        return False
    if "none" in request.prompts:
        raise ConsentRequired
    return True


def keep_pending(session: MutableMapping[str, Any], content: dict[str, Any]) -> str:
    """Keeps what the page shows (JSON values) and returns the id that its form posts. The oldest of more than five go."""
    decision_id = secrets.token_urlsafe(24)
    pending = {**_live(session), decision_id: {**content, "at": time.time()}}
    newest = sorted(pending, key=lambda key: float(pending[key]["at"]))[-PENDING:]
    session[SESSION_KEY] = {key: pending[key] for key in newest}
    return decision_id


def take_pending(session: MutableMapping[str, Any], decision_id: str) -> dict[str, Any]:
    """What was kept under the id, once. Raises InvalidRequest (a page)."""
    pending = _live(session)
    if decision_id not in pending and decision_id in session.get(SESSION_KEY, {}):
        raise InvalidRequest("This page was left open too long.", redirectable=False, reason="decision_expired")
    content: dict[str, Any] | None = pending.pop(decision_id, None)
    if content is None:
        raise InvalidRequest(
            "This page has been answered already, or is not known.", redirectable=False, reason="decision"
        )
    session[SESSION_KEY] = pending
    return content


def remember_consent(user: Any, request: CheckedAuthorizationRequest) -> None:
    """Adds what was allowed, and what the page said of it, to the one row of this person and client."""
    known = provider_settings.scopes
    text = {scope: str(known[scope]) for scope in request.consent_scopes}
    asked = " ".join(request.consent_scopes)
    consent, created = Consent.objects.get_or_create(
        user=user,
        client=request.client,
        defaults={"scope": asked, "asked_scope": asked, "text": text, "resource": list(request.resource)},
    )
    if created or _covers(consent, request):
        return
    consent.scope = _joined(consent.scope, asked)
    consent.asked_scope = _joined(consent.asked_scope, asked)
    consent.text = {**consent.text, **text}
    consent.resource = list(dict.fromkeys([*consent.resource, *request.resource]))
    consent.save(update_fields=["scope", "asked_scope", "text", "resource", "updated"])


def new_scopes(request: CheckedAuthorizationRequest, consent: Consent | None) -> frozenset[str]:
    """The scopes that were not allowed before; empty for the first time, when all are."""
    return frozenset(request.consent_scopes) - set(consent.scope.split()) if consent else frozenset()


def _joined(scope: str, more: str) -> str:
    return " ".join(dict.fromkeys([*scope.split(), *more.split()]))


def _covers(consent: Consent | None, request: CheckedAuthorizationRequest) -> bool:
    """Same client, no more scopes, no more resources (RFC 6749 10.2)."""
    if consent is None:
        return False
    return set(request.consent_scopes) <= set(consent.scope.split()) and set(request.resource) <= set(consent.resource)


def _live(session: MutableMapping[str, Any]) -> dict[str, Any]:
    now = time.time()
    kept = session.get(SESSION_KEY, {})
    return {key: content for key, content in kept.items() if -CLOCK_SKEW <= now - content["at"] <= PENDING_SECONDS}
