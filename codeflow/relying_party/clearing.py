"""Which of the relying party's rows nobody needs any more. `codeflow_clear_expired` deletes them.

What ends by itself is only cleared here, never ended: a session over age is nobody's already, and a grant that background
work may still use stays. Attempts to sign in are no rows: their cookies and marks in the cache end by themselves.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db.models import Exists, Model, OuterRef, Q
from django.utils import timezone

from codeflow.relying_party.models import RPSession, TokenGrant, UsedLogoutToken
from codeflow.relying_party.sessions import oldest_start
from codeflow.sweeping import BATCH, Sweep, clear

DEAD = timedelta(days=1)
"""How long a dead grant is kept, to say why it ended."""
UNUSED = timedelta(days=180)
"""How long a grant without a session is kept for background work that does not use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    sessions: int
    grants: int
    logout_tokens: int

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in asdict(self).items())


def clear_expired() -> Cleared:
    """All of it, for `codeflow_tokens clear`."""
    counts = Counter[type[Model]]()
    for sweep in sweeps():
        counts[sweep.rows.model] += sum(clear(sweep, batch=BATCH))
    return Cleared(sessions=counts[RPSession], grants=counts[TokenGrant], logout_tokens=counts[UsedLogoutToken])


def sweeps() -> Iterator[Sweep]:
    """In the order in which rows refer to each other."""
    yield Sweep(name="sign-ins", rows=RPSession.objects.filter(created__lte=oldest_start()), by="created")
    yield from _grants()
    used = UsedLogoutToken.objects.filter(expires_at__lt=int(time.time()))
    yield Sweep(name="used logout tokens", rows=used, by="expires_at")


def _grants() -> Iterator[Sweep]:
    """Dead ones; and of those that no session holds the long unused, and all but the newest of each identity."""
    now = timezone.now()
    held = Q(Exists(RPSession.objects.filter(grant=OuterRef("pk"))))
    newer = Q(Exists(TokenGrant.objects.filter(identity=OuterRef("identity"), dead_reason="", pk__gt=OuterRef("pk"))))
    old, unused = TokenGrant.objects.filter(updated__lt=now - DEAD), TokenGrant.objects.filter(updated__lt=now - UNUSED)
    for name, rows, unless in (
        ("dead grants", old.exclude(dead_reason=""), None),
        ("unused grants", unused, held),
        ("superseded grants", old.filter(dead_reason=""), held | ~newer),
    ):
        yield Sweep(name=name, rows=rows, unless=unless, by="updated", set_free=((RPSession, "grant"),))
