"""The back channel as sent: codeflow's outbound door tells of every exchange, and carries a `traceparent` to the other side.

W3C Trace Context: 00-<trace-id: the run>-<parent-id: this exchange>-01. It correlates; the protocol itself is unchanged.
"""

import secrets
import time
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils import timezone

from codeflow import http
from demo_site.trace import recorder, steps
from demo_site.trace.hop import Hop, Message, current


def listen() -> None:
    """Joins the observer to the door, once for each process."""
    if observe not in http.exchange_observers:
        http.exchange_observers.append(observe)
        http.request_header_hooks.append(traceparent)


def traceparent() -> Mapping[str, str]:
    """The header that lets the other side's copy find its run; a call before the run has begun begins it.

    A thread of its own (the server tells clients of a sign-out in several) has no hop: its copy is told by the logout token.
    """
    hop = current.get()
    if hop is None:
        return {"traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"}
    if hop.run_id is None:
        hop.run_id = recorder.begin_run(client_name="notes")
    return {"traceparent": f"00-{hop.run_id.hex}-{secrets.token_hex(8)}-01"}


def observe(exchange: http.Exchange) -> None:
    """Keeps the client's copy of a request and of its answer."""
    hop = current.get()
    if hop is not None:
        keep(exchange, hop)
    elif steps.summary_of_back_channel(urlsplit(exchange.url).path, "") == "back.backchannel":
        alone = Hop(party="server")
        alone.run_id = recorder.run_of_logout_token(keep(exchange, alone))
        recorder.write(alone)


def keep(exchange: http.Exchange, hop: Hop) -> Message:
    """Puts the exchange into the hop; gives back its request."""
    ended = timezone.now()
    duration = timedelta(milliseconds=exchange.duration_ms)
    span = span_of(exchange.request_headers.get("traceparent", ""))
    path = urlsplit(exchange.url).path
    receiver = "api" if steps.is_api(path) else "server" if hop.party == "client" else "client"
    body = exchange.request_body.decode("utf-8", "replace")
    sent = Message(
        kind="http_out",
        recorded_by=hop.party,
        channel="back",
        from_party=hop.party,
        to_party=receiver,
        step=steps.of_back_channel(path, body, answer=False),
        at=ended - duration,
        monotonic_ms=time.monotonic() * 1000 - exchange.duration_ms,
        span=span,
        method=exchange.method,
        url=exchange.url,
        headers=[("Host", urlsplit(exchange.url).netloc), *exchange.request_headers.items()],
        body=body,
        content_type=_header(exchange.request_headers, "content-type"),
        summary_id=steps.summary_of_back_channel(path, body),
        duration_ms=None if exchange.status else exchange.duration_ms,
        outcome="error" if exchange.error else "ok",
    )
    hop.items.append(sent)
    if exchange.status:
        hop.items.append(_answer(exchange, sent, path, body))
    return sent


def _answer(exchange: http.Exchange, sent: Message, path: str, body: str) -> Message:
    return Message(
        kind="http_in",
        recorded_by=sent.recorded_by,
        channel="back",
        from_party=sent.to_party,
        to_party=sent.from_party,
        step=steps.of_back_channel(path, body, answer=True),
        span=sent.span,
        headers=list(exchange.response_headers.items()),
        body=exchange.response_body.decode("utf-8", "replace"),
        content_type=_header(exchange.response_headers, "content-type"),
        status=exchange.status,
        duration_ms=exchange.duration_ms,
        summary_id=f"{sent.summary_id}.answer",
        outcome="ok" if exchange.status < 400 else "refused",
        answers=sent,
    )


def span_of(header: str) -> str:
    """The parent-id of a traceparent, or ""."""
    parts = header.split("-")
    return parts[2] if len(parts) == 4 and len(parts[2]) == 16 else ""


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
