"""What the server's database holds of one run: asked by the client's lab, answered by the server. Hashes and states alone.

Part of the demo; refused without DEBUG, and the demo listens on loopback only.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from demo_site.trace.models import Artifact, Run


@never_cache
@require_safe
def server_rows(request: HttpRequest, run_id: uuid.UUID) -> JsonResponse:
    """{"rows": [{"kind", "held", "state", "facts"}]} for the codes and tokens seen in this run."""
    if not settings.DEBUG:
        raise Http404
    run = get_object_or_404(Run, pk=run_id)
    return JsonResponse({"rows": list(_rows(list(run.artifacts.all())))})


def _rows(artifacts: list[Artifact]) -> Iterator[dict[str, Any]]:
    from codeflow.provider.models import AccessToken, AuthorizationCode, RefreshToken
    from codeflow.provider.models.tokens import token_digest, token_hash

    values = {kind: [one.value or "" for one in artifacts if one.kind == kind] for kind in _KINDS}
    hashes = [token_hash(value) for value in values["code"]]
    codes = AuthorizationCode.objects.filter(code_hash__in=hashes).select_related("session").order_by("pk")
    for code in codes:
        yield _row("code", code.code_hash, _state(code.expires, spent=code.redeemed_at), redeemed=code.redeemed_at)
    digests = [token_digest(value) for value in values["access_token"]]
    for token in AccessToken.objects.filter(token_checksum__in=digests).order_by("pk"):
        state = _state(token.expires, revoked=token.revoked)
        yield _row("access_token", token.token_checksum.hex, state, expires=token.expires, scope=token.scope)
    digests = [token_digest(value) for value in values["refresh_token"]]
    for token in RefreshToken.objects.filter(token_checksum__in=digests).order_by("pk"):
        state = _state(token.expires, spent=token.used_at, revoked=token.revoked)
        yield _row("refresh_token", token.token_checksum.hex, state, used=token.used_at, expires=token.expires)
    yield from _session_and_secret(codes)


def _session_and_secret(codes: Iterable[Any]) -> Iterator[dict[str, Any]]:
    from codeflow.provider.models import ClientSecret, Consent

    for code in codes:
        consent = Consent.objects.filter(user=code.user, client=code.application).first()
        if consent is not None:
            yield _row("consent", "", "kept", scope=consent.scope, since=consent.created)
        if code.session is not None:
            state = "ended" if code.session.ended_at else "live"
            yield _row("session", "", state, began=code.session.created, ended=code.session.ended_at)
        for secret in ClientSecret.objects.filter(client=code.application):
            yield _row("client_secret", f"…{secret.hint}", "hash only", used=secret.last_used)


_KINDS = ("code", "access_token", "refresh_token")


def _state(expires: datetime, *, spent: datetime | None = None, revoked: datetime | None = None) -> str:
    if revoked:
        return "revoked"
    if spent:
        return "spent"
    return "live" if expires > timezone.now() else "expired"


def _row(kind: str, held: str, state: str, **facts: Any) -> dict[str, Any]:
    short = f"{held[:16]}…" if len(held) > 16 else held
    known = {name: _text(value) for name, value in facts.items() if value}
    return {"kind": kind, "held": short, "state": state, "facts": known}


def _text(value: object) -> str:
    return f"{value:%H:%M:%S} UTC" if isinstance(value, datetime) else str(value)
