"""Step 2: the person grants or denies.

RFC 6749 3.3, 4.1.1, 10.2; OIDC Core 3.1.2.4, 11. What the page showed stays in the session under a random id; the browser posts that id,
yes or no, and which optional scopes are ticked, so what it posts can narrow the request and never widen it.
"""

import secrets
import time
from collections.abc import Collection, MutableMapping
from dataclasses import replace
from typing import Any

from codeflow.core.errors import AccessDenied, ConsentRequired, InvalidRequest
from codeflow.provider import revocation
from codeflow.provider.flow.messages import CheckedAuthorizationRequest
from codeflow.provider.models import Consent
from codeflow.provider.scope_words import text_of

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


def kept_scopes(request: CheckedAuthorizationRequest, ticked: Collection[str]) -> frozenset[str]:
    """What was asked for without the optional scopes that the person has unticked (RFC 6749 3.3)."""
    return frozenset(request.consent_scopes) - (request.client.optional_scopes - frozenset(ticked))


def narrowed(request: CheckedAuthorizationRequest, scopes: frozenset[str]) -> CheckedAuthorizationRequest:
    """The request as if it had asked for no more than `scopes`. Raises AccessDenied where nothing is left."""
    if scopes >= set(request.consent_scopes):
        return request
    kept = tuple(scope for scope in request.scopes if scope in scopes)
    if not kept:
        raise AccessDenied(reason="nothing_ticked")
    return replace(request, scopes=kept, claims=request.claims.within(scopes))


def as_allowed(request: CheckedAuthorizationRequest, consent: Consent | None) -> CheckedAuthorizationRequest:
    """The request without what the person unticked before: they are not asked again until the client says prompt=consent."""
    if consent is None or request.client.skip_authorization:
        return request
    return narrowed(request, frozenset(request.consent_scopes) - _refused(consent, request))


def remember_consent(
    user: Any, request: CheckedAuthorizationRequest, *, asked: CheckedAuthorizationRequest | None = None
) -> None:
    """Keeps what was allowed, and what the page said of it, in the one row of this person and client. `asked` is the request
    before anything was unticked; what was allowed before and is not any more ends what came of it.
    """
    asked = asked or request
    text = {scope: text_of(scope) for scope in request.consent_scopes}
    allowed, shown = " ".join(request.consent_scopes), " ".join(asked.consent_scopes)
    consent, created = Consent.objects.get_or_create(
        user=user,
        client=request.client,
        defaults={"scope": allowed, "asked_scope": shown, "text": text, "resource": list(request.resource)},
    )
    taken_back = frozenset(consent.scope.split()) & set(asked.consent_scopes) - set(request.consent_scopes)
    if created or (not taken_back and _covers(consent, asked)):
        return
    if taken_back:
        revocation.end_grants(user_id=user.pk, application_id=request.client.pk)
    consent.scope = _joined(consent.scope, allowed, without=taken_back)
    consent.asked_scope = _joined(consent.asked_scope, shown)
    consent.text = {scope: words for scope, words in {**consent.text, **text}.items() if scope not in taken_back}
    consent.resource = list(dict.fromkeys([*consent.resource, *request.resource]))
    consent.save(update_fields=["scope", "asked_scope", "text", "resource", "updated"])


def new_scopes(request: CheckedAuthorizationRequest, consent: Consent | None) -> frozenset[str]:
    """The scopes that were not allowed before; empty for the first time, when all are."""
    return frozenset(request.consent_scopes) - set(consent.scope.split()) if consent else frozenset()


def _joined(scope: str, more: str, *, without: frozenset[str] = frozenset()) -> str:
    return " ".join(name for name in dict.fromkeys([*scope.split(), *more.split()]) if name not in without)


def _covers(consent: Consent | None, request: CheckedAuthorizationRequest) -> bool:
    """Same client, no more scopes than were decided on, no more resources (RFC 6749 10.2)."""
    if consent is None:
        return False
    decided = set(consent.scope.split()) | _refused(consent, request)
    something = not set(request.scopes) <= _refused(consent, request)
    return something and set(request.consent_scopes) <= decided and set(request.resource) <= set(consent.resource)


def _refused(consent: Consent, request: CheckedAuthorizationRequest) -> frozenset[str]:
    """What the person unticked, as far as the client still lets them."""
    return frozenset(consent.refused_scopes) & request.client.optional_scopes


def _live(session: MutableMapping[str, Any]) -> dict[str, Any]:
    now = time.time()
    kept = session.get(SESSION_KEY, {})
    return {key: content for key, content in kept.items() if -CLOCK_SKEW <= now - content["at"] <= PENDING_SECONDS}
