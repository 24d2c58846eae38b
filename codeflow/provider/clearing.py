"""Which of the provider's rows nobody needs any more. `codeflow_clear_expired` deletes them.

RFC 6749 4.1.2, 10.5; RFC 9700 4.14.2. A spent code stays until it would be refused as expired anyway; a replaced refresh token
stays as long as anything of its grant lives, since its second use ends the grant.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.utils import timezone

from codeflow.provider.conf import provider_settings
from codeflow.provider.models import (
    AccessToken,
    AuditEvent,
    AuthorizationCode,
    LogoutDelivery,
    ProviderSession,
    RefreshToken,
)
from codeflow.sweeping import Sweep

MARGIN = timedelta(minutes=10)
"""Kept beyond its end: an exchange that began in time may finish, and hosts' clocks may differ."""
ENDED_SESSION = timedelta(days=1)
DELIVERY = timedelta(days=7)
"""How long the admin shows what became of a logout token."""


def sweeps() -> Iterator[Sweep]:
    """In the order in which rows refer to each other. What the settings call long enough is judged when this is called."""
    now = timezone.now()
    yield Sweep(name="codes", rows=AuthorizationCode.objects.filter(expires__lt=now - MARGIN), by="expires")
    yield Sweep(name="access tokens", rows=AccessToken.objects.filter(expires__lt=now - MARGIN), by="expires")
    yield _refresh_tokens()
    yield from _sessions()
    done = LogoutDelivery.objects.filter(due=None, created__lt=now - DELIVERY)
    yield Sweep(name="logout deliveries", rows=done, by="pk")
    old = AuditEvent.objects.filter(at__lt=now - provider_settings.audit_retention)
    yield Sweep(name="audit events", rows=old, by="at")


def _refresh_tokens() -> Sweep:
    """All but those of grants of which any token still works (RFC 9700 4.14.2)."""
    over = timezone.now() - MARGIN
    family = Q(token_family=OuterRef("token_family"), revoked=None, expires__gte=over)
    lives = _any(RefreshToken.objects.filter(family, used_at=None)) | _any(AccessToken.objects.filter(family))
    return Sweep(name="refresh tokens", rows=RefreshToken.objects.filter(expires__lt=over), unless=lives, by="expires")


def _any(rows: QuerySet[Any]) -> Q:
    """EXISTS in words that PostgreSQL always answers from the index; for EXISTS it may read the whole table first."""
    return Q(IsNull(Subquery(rows.values("pk")[:1]), False))


def _sessions() -> Iterator[Sweep]:
    """Ended ones, and those that are over age; offline grants live on without them (OIDC Core 11)."""
    now = timezone.now()
    listed, codes = (ProviderSession.clients.through, "providersession"), (AuthorizationCode, "session")
    ended = ProviderSession.objects.filter(ended_at__lt=now - ENDED_SESSION)
    old = ProviderSession.objects.filter(created__lt=now - provider_settings.session_lifetime - MARGIN)
    for name, rows, by in (("ended sessions", ended, "ended_at"), ("sessions over age", old, "created")):
        yield Sweep(name=name, rows=rows, by=by, taken_along=(listed,), set_free=(codes,))
