"""What happened, said twice: as an AuditEvent row and as the `flow_event` that listeners get.

ASVS 7.2. Client ids and reasons come from requests, so they are cleaned and cut here, once.
"""

import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest

from codeflow import signals
from codeflow.provider.models import AuditEvent
from codeflow.signals import OK, PROVIDER, FlowEvent

_REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def new_reference() -> str:
    """A support code such as 7F3K-Q2: no vowels, no look-alikes."""
    letters = "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(6))
    return f"{letters[:4]}-{letters[4:]}"


def record(
    event: str,
    *,
    outcome: str = OK,
    request: HttpRequest | None = None,
    address: str = "",
    client_id: str = "",
    user_pk: object = "",
    reason: str = "",
    reference: str = "",
    step: int = 0,
    digests: Mapping[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Writes the row and announces the event. A row that cannot be written is an error: nothing happens unrecorded."""
    client_id = _printable(client_id)
    AuditEvent.objects.create(
        event=event,
        outcome=outcome,
        reason=_printable(reason)[:64],
        client_id=client_id,
        user_pk=_printable(str(user_pk or "")),
        address=_address(address or (request.META.get("REMOTE_ADDR", "") if request else "")),
        reference=reference,
    )
    announce(
        event,
        outcome=outcome,
        request=request,
        client_id=client_id,
        user_pk=user_pk,
        reason=reason,
        reference=reference,
        step=step,
        digests=digests,
        details=details,
    )


def announce(
    event: str,
    *,
    outcome: str = OK,
    request: HttpRequest | None = None,
    client_id: str = "",
    user_pk: object = "",
    reason: str = "",
    reference: str = "",
    step: int = 0,
    spec: str = "",
    digests: Mapping[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Tells listeners only: the finer steps that need no row."""
    signals.send(
        FlowEvent(
            role=PROVIDER,
            name=event,
            outcome=outcome,
            step=step,
            client_id=client_id,
            user_pk=str(user_pk or ""),
            reason=reason,
            reference=reference,
            spec=spec,
            digests=digests or {},
            details=details or {},
        ),
        request=request,
    )


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:255])


def _address(address: str) -> str | None:
    """An IP address, or None for what a unix socket or a proxy puts there."""
    try:
        return str(ip_address(address))
    except ValueError:
        return None
