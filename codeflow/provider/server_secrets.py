"""Random values made once for good and sealed at rest."""

import secrets
import time

from django.db import IntegrityError, connections, router, transaction

from codeflow.core.sealing import Sealer
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import ServerSecret

_remembered: dict[str, tuple[float, bytes]] = {}


def secret(purpose: str) -> bytes:
    """The 32 random bytes of `purpose`, made when first asked for; remembered for CACHE_SECONDS outside transactions."""
    may_remember = not connections[router.db_for_read(ServerSecret)].in_atomic_block
    if may_remember and (known := _remembered.get(purpose)) and known[0] > time.monotonic():
        return known[1]
    row = ServerSecret.objects.filter(purpose=purpose).first() or _make(purpose)
    value = _sealer().open(row.sealed, bound_to=purpose.encode())
    if may_remember:
        _remembered[purpose] = (time.monotonic() + provider_settings.cache_seconds, value)
    return value


def reseal() -> int:
    """Seals every one under the newest SECRET_KEY; returns how many."""
    rows = list(ServerSecret.objects.all())
    for row in rows:
        bound_to = row.purpose.encode()
        row.sealed = _sealer().seal(_sealer().open(row.sealed, bound_to=bound_to), bound_to=bound_to)
        row.save(update_fields=["sealed"])
    return len(rows)


def _make(purpose: str) -> ServerSecret:
    """If another process made it first, its value is the one."""
    sealed = _sealer().seal(secrets.token_bytes(32), bound_to=purpose.encode())
    try:
        with transaction.atomic(using=router.db_for_write(ServerSecret)):
            return ServerSecret.objects.create(purpose=purpose, sealed=sealed)
    except IntegrityError:
        return ServerSecret.objects.get(purpose=purpose)


def _sealer() -> Sealer:
    return Sealer(provider_settings.secrets, purpose="server secret")
