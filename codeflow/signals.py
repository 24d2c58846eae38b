"""The one event both roles send: what happened, to whom, with what outcome, and never a secret.

Listeners (an audit log, a metrics exporter, the demo's trace) get `sender` (the role's name) and `event`, a FlowEvent.
Digests correlate hops that share a value (state, code, token) without carrying it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.dispatch import Signal

PROVIDER, RELYING_PARTY = "provider", "relying_party"

OK, REFUSED, ERROR = "ok", "refused", "error"

flow_event = Signal()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEvent:
    """One thing that happened in one role.

    `name` is dotted and stable ("token.issued"); `step` is 1 to 7, 0 outside the flow; `client_id` is public; `user_pk` is
    the local user's key as text; `digests` maps a kind (state, code, access_token, …) to `digest()` of the value; `details`
    holds short public facts, among them `checks`: [(name, expected, actual, passed)].
    """

    role: str
    name: str
    outcome: str = OK
    step: int = 0
    client_id: str = ""
    user_pk: str = ""
    reason: str = ""
    reference: str = ""
    spec: str = ""
    digests: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def digest(value: str) -> str:
    """SHA-256 in hex, for correlation only."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def send(event: FlowEvent, *, request: Any = None) -> None:
    """Announces `event`; a failing listener never breaks the flow."""
    if flow_event.has_listeners(event.role):
        flow_event.send_robust(sender=event.role, event=event, request=request)
