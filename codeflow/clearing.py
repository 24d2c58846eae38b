"""Clearing for the whole site: asks each installed role what nobody needs any more, and deletes it.

From the command `codeflow_clear_expired`; and, where a site has no cron and says so in its settings, a little at a time after
responses:

    CODEFLOW_CLEAR_AFTER_RESPONSES = True
"""

import logging
import secrets
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import cache

from codeflow.sweeping import Sweep, clear

ROLES = ("codeflow.provider", "codeflow.relying_party")
EVERY = 60.0
"""Seconds between two pieces of work after responses, among all processes that share a cache."""
A_LITTLE, SECONDS = 200, 0.25
"""Rows in one transaction after a response, and the time in which one may be begun."""

logger = logging.getLogger("codeflow")

_next_turn = time.monotonic() + secrets.SystemRandom().uniform(0, EVERY)  # so that workers take turns


def all_sweeps() -> Iterator[Sweep]:
    for role in ROLES:
        if apps.is_installed(role):
            yield from import_module(f"{role}.clearing").sweeps()


def after_response(**kwargs: Any) -> None:
    """Receives `request_finished`: the answer has gone out, nobody waits but this worker, and that for SECONDS at most."""
    global _next_turn
    if time.monotonic() < _next_turn or not getattr(settings, "CODEFLOW_CLEAR_AFTER_RESPONSES", False):
        return
    _next_turn = time.monotonic() + EVERY
    try:
        if cache.add("codeflow-clearing", 1, EVERY / 2):
            clear_a_little()
    except Exception as error:  # noqa: BLE001  # whatever a cache or database raises that is away: the next turn comes
        logger.warning("expired rows were not cleared (%s)", type(error).__name__)


def clear_a_little() -> int:
    """How many rows went."""
    until = time.monotonic() + SECONDS
    return sum(deleted for sweep in all_sweeps() for deleted in clear(sweep, batch=A_LITTLE, until=until, rest=0))
