"""Sign-outs that a provider announces: from server to server, or through this browser in a frame.

Back-Channel Logout 2.5-2.8; Front-Channel Logout 2, 3. Sessions end as a set: their rows go, and a session whose row is
gone is nobody's at its next request (see sessions.guard_user), on every session engine.
"""

import hashlib
import hmac

from django.contrib.auth import logout
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from codeflow.relying_party import signals
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.errors import ProviderUntrusted
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.flow.logout_token import LogoutToken, check_logout_token
from codeflow.relying_party.models import RPSession, UsedLogoutToken, subject_key
from codeflow.relying_party.sessions import forget_sessions, oidc_session

BACKCHANNEL, FRONTCHANNEL = "backchannel", "frontchannel"
LONGEST_BODY = 64 * 1024
_FORM = "application/x-www-form-urlencoded"


def receive_logout_token(request: HttpRequest, name: str) -> int:
    """Ends the sessions that the posted logout token names; how many. Raises RelyingPartyError."""
    text = _posted_token(request)
    provider = conf.provider(name)
    world = outside(provider)
    metadata = provider_metadata(provider, world)
    token = check_logout_token(text, provider=provider, metadata=metadata, outside=world)
    with transaction.atomic():  # a mark without its effect would make the provider's retry a replay
        _use_up(token, keep_until=token.exp + provider.leeway + provider.max_iat_age)
        ended = forget_sessions(_sessions_of(token))
    _announce(request, BACKCHANNEL, name, sid=token.sid, sub=token.sub, ended=ended, values={"logout_token": text})
    return ended


def receive_frontchannel_logout(request: HttpRequest, name: str, *, iss: str, sid: str) -> bool:
    """Ends this browser's session if `iss` and `sid` are its own; else nothing happens (Front-Channel Logout 2).

    The tokens stay: a page that anybody can frame may not end what works without the person.
    """
    row = oidc_session(request).row
    if row is None or not row.sid or row.identity.provider_key != name:
        return False
    if not (
        hmac.compare_digest(row.issuer.encode(), iss.encode()) and hmac.compare_digest(row.sid.encode(), sid.encode())
    ):
        return False
    logout(request)
    RPSession.objects.filter(pk=row.pk).delete()
    _announce(request, FRONTCHANNEL, name, sid=row.sid, sub=row.identity.sub, ended=1)
    return True


def _posted_token(request: HttpRequest) -> str:
    """The one `logout_token` of a small form (Back-Channel Logout 2.5)."""
    stated = str(request.META.get("CONTENT_LENGTH") or "")
    if (stated.isdigit() and int(stated) > LONGEST_BODY) or len(request.body) > LONGEST_BODY:
        raise ProviderUntrusted("logout_token.length", "the body is longer than 64 KB")
    found = request.POST.getlist("logout_token") if request.content_type == _FORM else []
    if len(found) != 1:
        raise ProviderUntrusted("logout_token.parameter", f"a form with one logout_token is wanted, not {len(found)}")
    return str(found[0])


def _use_up(token: LogoutToken, *, keep_until: int) -> None:
    """Item 8 of Back-Channel Logout 2.6: each is used once, over all processes and restarts."""
    jti = hashlib.sha256(f"{token.iss}\0{token.jti}".encode()).hexdigest()
    _, is_new = UsedLogoutToken.objects.get_or_create(jti=jti, defaults={"expires_at": keep_until})
    if not is_new:
        raise ProviderUntrusted("logout_token.replayed", "its jti was used before (Back-Channel Logout 2.6 item 8)")


def _sessions_of(token: LogoutToken) -> QuerySet[RPSession]:
    """Those with the sid; without one, all of the subject's at this issuer and no other (Back-Channel Logout 2.7)."""
    rows = RPSession.objects.filter(issuer=token.iss)
    if token.sub:
        rows = rows.filter(identity__subject_key=subject_key(token.iss, token.sub))
    if not token.sid:
        return rows
    alike = rows.filter(sid=token.sid).values_list("pk", "sid")  # a collation may take "A" for "a"
    return rows.filter(pk__in=[pk for pk, sid in alike if sid == token.sid])


def _announce(
    request: HttpRequest,
    kind: str,
    provider: str,
    *,
    sid: str,
    sub: str,
    ended: int,
    values: dict[str, str] | None = None,
) -> None:
    signals.announce(
        "logout_received", request=request, provider=provider, values=values, kind=kind, sid=sid, sub=sub, ended=ended
    )
