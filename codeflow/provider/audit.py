"""What happened, said twice: as an AuditEvent row and as the `flow_event` that listeners get.

ASVS 7.2. Client ids and reasons come from requests, so they are cleaned and cut here, once. What nobody signed for (a refusal, with no
person named) is bounded: many alike from one address become few rows that say how many they stand for.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from codeflow import signals
from codeflow.provider import clients, limits
from codeflow.provider.addresses import client_address, neighbourhood, plain_address
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import AuditEvent
from codeflow.provider.statements import Insert
from codeflow.signals import OK, PROVIDER, REFUSED, FlowEvent

_NEW_EVENT = Insert(AuditEvent)
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
) -> str:
    """Writes the row and announces the event. A row that cannot be written is an error: nothing happens unrecorded.

    Returns the support code to show: `reference`, or that of the row which stands for this event too.
    """
    client_id = _printable(client_id)
    address = plain_address(address) or (client_address(request.META) if request else "")
    alike = _kind(event, reason, client_id, address) if outcome == REFUSED and not user_pk else None
    stands_for = _stands_for(alike) if alike else 1
    if stands_for:
        _NEW_EVENT.run(
            AuditEvent(
                event=event,
                outcome=outcome,
                reason=_printable(reason)[:64],
                client_id=client_id,
                user_pk=_printable(str(user_pk or "")),
                address=address or None,
                reference=reference,
                count=stands_for,
            )
        )
    if alike and reference:
        reference = _shared_reference(alike, reference, written=bool(stands_for))
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
    return reference


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


def _kind(event: str, reason: str, client_id: str, address: str) -> limits.Counted:
    """Refusals that are counted together. A client_id that is nobody's is left out: whoever asks could send ever new ones."""
    known = client_id if clients.remembered_client(client_id) else ""
    return limits.AUDIT, " ".join((event, reason, known, neighbourhood(address)))


def _stands_for(alike: limits.Counted) -> int:
    """How many refusals the row for this one stands for: 1 up to the limit, then half of each doubling; 0 for no row."""
    limit, number = provider_settings.rate_limit(limits.AUDIT), limits.count(alike)
    if limit is None or number <= limit[0]:
        return 1
    doublings, rest = divmod(number, limit[0])
    return number // 2 if rest == 0 and doublings & (doublings - 1) == 0 else 0


def _shared_reference(alike: limits.Counted, reference: str, *, written: bool) -> str:
    if not written:
        return limits.remembered(alike) or reference
    limits.remember(alike, reference)
    return reference
