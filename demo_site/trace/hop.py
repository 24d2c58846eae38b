"""What one request at one of the two sites leaves for the observer, gathered until its answer is ready.

The hop of the running request is a context variable, so that the back channel's hooks and the roles' events find it.
"""

import time
import uuid
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone


@dataclass(slots=True, kw_only=True)
class Message:
    """One request or response as one witness saw it, secrets in place."""

    kind: str  # http_in, http_out, redirect or page
    recorded_by: str
    channel: str
    from_party: str
    to_party: str
    step: int = 0
    at: datetime = field(default_factory=timezone.now)
    monotonic_ms: float = field(default_factory=lambda: time.monotonic() * 1000)
    span: str = ""
    method: str = ""
    url: str = field(default="", repr=False)
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: str = field(default="", repr=False)
    content_type: str = ""
    status: int | None = None
    duration_ms: float | None = None
    summary_id: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    outcome: str = "ok"
    answers: "Message | None" = field(default=None, repr=False)


@dataclass(slots=True, kw_only=True)
class Note:
    """Something a role reported of itself (codeflow.signals), free of secrets."""

    event: Any
    recorded_by: str
    at: datetime = field(default_factory=timezone.now)
    monotonic_ms: float = field(default_factory=lambda: time.monotonic() * 1000)


@dataclass(slots=True, kw_only=True)
class Hop:
    """Everything one request led to, in order."""

    party: str  # client, server or api
    run_id: uuid.UUID | None = None
    items: list[Message | Note] = field(default_factory=list)


current: ContextVar[Hop | None] = ContextVar("demo_trace_hop", default=None)
