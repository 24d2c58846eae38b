"""Transactions that a database ended in favour of another one, done again.

Two that wait for each other are a deadlock: the database ends one of them, and nothing of it has happened. PostgreSQL meets
few here, since the order of locks is fixed; InnoDB more, since its foreign keys lock the row that they point to.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connections, transaction

T = TypeVar("T")

ATTEMPTS = 5

_SQLSTATES = frozenset({"40P01", "40001"})
"""PostgreSQL's deadlock_detected and serialization_failure."""

_ERROR_NUMBERS = frozenset({1213, 1020})
"""MariaDB's and MySQL's ER_LOCK_DEADLOCK, and MariaDB's ER_CHECKREAD."""


def all_or_nothing(work: Callable[[], T], *, using: str) -> T:
    """What `work` returns, from one transaction; inside another one, the outermost alone can be done again."""
    for attempt in range(1, ATTEMPTS):
        try:
            return _once(work, using)
        except OperationalError as error:
            if not gave_way(error) or connections[using].in_atomic_block:
                raise
        time.sleep(random.uniform(0.0, 0.01 * attempt))  # noqa: S311  # jitter, not a secret
    return _once(work, using)


def gave_way(error: OperationalError) -> bool:
    """Whether the database ended the transaction for another one's sake; then the same may succeed a moment later."""
    number = error.args[0] if error.args else None
    return number in _ERROR_NUMBERS or getattr(error.__cause__, "sqlstate", None) in _SQLSTATES


def _once(work: Callable[[], T], using: str) -> T:
    with transaction.atomic(using=using):
        return work()
