"""How this role announces what happened: one flow_event, and for a failure one log line."""

import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from codeflow.relying_party.errors import Check, ConfigurationError, RelyingPartyError
from codeflow.signals import ERROR, OK, REFUSED, RELYING_PARTY, FlowEvent, digest, send

logger = logging.getLogger("codeflow.relying_party")

_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"  # no vowels and no look-alikes: read over the telephone, and never a word


def new_reference() -> str:
    """What joins an error page to a log line: "7F3K-Q2TX"."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"


def announce(
    name: str,
    *,
    request: Any = None,
    provider: str = "",
    client_id: str = "",
    step: int = 0,
    user_pk: object = "",
    checks: Iterable[Check] = (),
    values: Mapping[str, str] | None = None,
    spec: str = "",
    **details: Any,
) -> None:
    """Sends one good event. `values` are secrets that correlate hops: their digests alone are sent."""
    event = FlowEvent(
        role=RELYING_PARTY,
        name=name,
        outcome=OK,
        step=step,
        client_id=client_id,
        user_pk=str(user_pk),
        spec=spec,
        digests={kind: digest(value) for kind, value in (values or {}).items() if value},
        details={"provider": provider, "checks": [item.as_tuple() for item in checks], **details},
    )
    send(event, request=request)


def announce_failure(
    name: str,
    error: RelyingPartyError,
    *,
    request: Any = None,
    provider: str = "",
    step: int = 0,
    values: Mapping[str, str] | None = None,
) -> str:
    """Sends the failure, logs it with a fresh reference, and returns the reference for the page."""
    error.reference = error.reference or new_reference()
    failed = next((item for item in error.checks if not item.passed), None)
    event = FlowEvent(
        role=RELYING_PARTY,
        name=name,
        outcome=ERROR if error.retryable or isinstance(error, ConfigurationError) else REFUSED,
        step=step,
        reason=error.code,
        reference=error.reference,
        spec=failed.spec if failed else "",
        digests={kind: digest(value) for kind, value in (values or {}).items() if value},
        details={"provider": provider, "outcome": error.outcome, "checks": [item.as_tuple() for item in error.checks]},
    )
    send(event, request=request)
    _log(name, error, provider)
    return error.reference


def _log(name: str, error: RelyingPartyError, provider: str) -> None:
    """An error, to wake somebody: our own mistake, a secret that is refused, an identity that changed on refresh."""
    ours = isinstance(error, ConfigurationError) or error.code.startswith(("token.invalid_client", "refresh."))
    logger.log(
        logging.ERROR if ours else logging.WARNING,
        "%s: provider=%s code=%s reference=%s detail=%s",
        name,
        provider,
        error.code,
        error.reference,
        error.detail,
        extra={"reference": error.reference, "code": error.code, "provider": provider},
    )
