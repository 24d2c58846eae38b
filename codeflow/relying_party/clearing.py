"""Rows that nobody needs any more: for `codeflow_tokens clear` and whatever else runs by the clock.

What ends by itself is only cleared here, never ended: a session over age is nobody's already, and a grant that background
work may still use stays.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from codeflow.relying_party.models import RPSession, TokenGrant, UsedLogoutToken
from codeflow.relying_party.sessions import oldest_start

BATCH = 1000
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
    """Deletes in small batches, so that no lock is held for long; safe to run on several hosts at once."""
    return Cleared(
        sessions=_delete(RPSession.objects.filter(created__lte=oldest_start())),
        grants=sum(_delete(rows) for rows in _useless_grants()),
        logout_tokens=_delete(UsedLogoutToken.objects.filter(expires_at__lt=int(time.time()))),
    )


def _useless_grants() -> Iterator[QuerySet[TokenGrant]]:
    """Dead ones; and of those that no session holds the long unused, and all but the newest of each identity."""
    now = timezone.now()
    yield TokenGrant.objects.exclude(dead_reason="").filter(updated__lt=now - DEAD)
    loose = TokenGrant.objects.filter(sessions__isnull=True, updated__lt=now - DEAD)
    yield loose.filter(updated__lt=now - UNUSED)
    newest = TokenGrant.objects.filter(identity=OuterRef("identity"), dead_reason="").order_by("-pk").values("pk")[:1]
    yield loose.exclude(pk=Subquery(newest))


def _delete(rows: QuerySet[Any]) -> int:
    deleted = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
    return deleted
