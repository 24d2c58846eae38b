"""Back-channel logout: tell the clients of a session that it has ended.

Back-Channel Logout 2.3, 2.4, 2.5, 2.8; RFC 8725 3.11. An outbox: the rows are written in the transaction that ends the session, sent
when it has committed, and sent again by `codeflow_deliver_logouts` until a client answers 2xx or the attempts are used up.
"""

import math
import secrets
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from codeflow.core import jose
from codeflow.http import Answer, Door, HttpError
from codeflow.provider import audit
from codeflow.provider.claims import subject
from codeflow.provider.conf import provider_settings
from codeflow.provider.keys import signing_key
from codeflow.provider.models import LogoutDelivery, ProviderSession
from codeflow.signals import ERROR

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME_SECONDS = 120
"""Of a logout token (Back-Channel Logout 2.4)."""

DEADLINE_SECONDS = 3.0
"""For one delivery. A sign-out begins none after this long: it waits twice that at most, and the outbox keeps the rest."""

AT_ONCE = 8
ATTEMPTS = 6
LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(minutes=1)


class Sender(Protocol):
    """The outbound door, or a stand-in for it."""

    def post_form(self, url: str, form: dict[str, str]) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    delivered: int
    failed: int

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(delivered=self.delivered + other.delivered, failed=self.failed + other.failed)


def schedule(session: ProviderSession) -> list[int]:
    """Writes one row for each client of `session` that wants to hear; returns their keys."""
    wanting = session.clients.filter(is_active=True).exclude(backchannel_logout_uri="")
    rows = [
        LogoutDelivery(client=client, sub=subject(session.user, client), sid=session.sid, due=timezone.now())
        for client in wanting
    ]
    return [row.pk for row in LogoutDelivery.objects.bulk_create(rows)] if rows else []


def deliver(pks: Iterable[int], *, door: Sender | None = None, begin_within: float = math.inf) -> Outcome:
    """Sends these deliveries, a few side by side, each at most once at a time, whichever process does it.

    None is begun more than `begin_within` seconds from now; the rest stays due.
    """
    sender, waiting, outcome = door or default_door(), list(pks), Outcome(delivered=0, failed=0)
    until = time.monotonic() + begin_within
    while waiting and time.monotonic() < until:
        together, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        outcome += _deliver_together(together, sender)
    return outcome


def _deliver_together(pks: list[int], sender: Sender) -> Outcome:
    leased = [row for pk in pks if (row := _lease(pk)) is not None]
    letters = [(row.client.backchannel_logout_uri, logout_token(row)) for row in leased]
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        problems = list(pool.map(lambda letter: _send(sender, *letter), letters))
    for row, problem in zip(leased, problems, strict=True):
        _note(row, problem)
    return Outcome(delivered=problems.count(""), failed=len(problems) - problems.count(""))


def due_deliveries(limit: int) -> list[int]:
    """The keys of what is to be sent now, oldest first."""
    due = LogoutDelivery.objects.filter(due__lte=timezone.now()).order_by("due", "pk")
    return list(due.values_list("pk", flat=True)[:limit])


def logout_token(delivery: LogoutDelivery) -> str:
    """The JWT of Back-Channel Logout 2.4: no nonce, and a type that no ID token has."""
    now = int(time.time())
    key = signing_key(delivery.client.signing_algorithm)
    claims = {
        "iss": provider_settings.issuer,
        "sub": delivery.sub,
        "aud": delivery.client.client_id,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": secrets.token_urlsafe(16),
        "events": {EVENT: {}},
        "sid": delivery.sid,
    }
    return jose.sign(claims, key.private_key, alg=key.alg, kid=key.kid, typ="logout+jwt")


def default_door() -> Door:
    """No redirects, a deadline, and no private addresses unless the site allows them (CWE-918)."""
    private = provider_settings.logout_private_addresses
    return Door(
        allow_http_loopback=private and settings.DEBUG,
        public_addresses_only=not private,
        deadline=DEADLINE_SECONDS,
        max_body=16 * 1024,
    )


def _lease(pk: int) -> LogoutDelivery | None:
    now = timezone.now()
    if not LogoutDelivery.objects.filter(pk=pk, due__lte=now).update(due=now + LEASE, attempts=F("attempts") + 1):
        return None
    return LogoutDelivery.objects.select_related("client").get(pk=pk)


def _send(door: Sender, uri: str, token: str) -> str:
    """What went wrong, in words; "" where the client accepted it (Back-Channel Logout 2.8)."""
    try:
        answer = door.post_form(uri, {"logout_token": token})
    except HttpError as error:
        return str(error)[:255]
    return "" if answer.ok else f"answered {answer.status_code}"


def _note(row: LogoutDelivery, problem: str) -> None:
    now = timezone.now()
    last = row.attempts >= ATTEMPTS
    LogoutDelivery.objects.filter(pk=row.pk).update(
        delivered_at=None if problem else now,
        due=None if last or not problem else now + FIRST_RETRY * 2 ** (row.attempts - 1),
        problem=problem,
    )
    if not problem:
        audit.record("logout.delivered", client_id=row.client.client_id)
    elif last:
        audit.record("logout.given_up", outcome=ERROR, client_id=row.client.client_id, reason=problem)
