"""Login attempts in cookies: one each, sealed, short-lived, used once. Nothing else is written before success.

RFC 9700 4.7; OIDC Core 15.5.2. Compare CVE-2021-22119: state in one session slot mixes up
interleaved logins.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from codeflow.core.uris import is_loopback_host, split_uri
from codeflow.relying_party.conf import conf, sealer
from codeflow.relying_party.flow.configuration import FORM_POST
from codeflow.relying_party.flow.step1_authorization_request import (
    COOKIE_PREFIX,
    LIFE,
    PURPOSE,
    PendingLogin,
    cookie_name,
)
from codeflow.relying_party.shared_cache import mark_once

MOST = 5
MOST_OCTETS = 6000
"""Of all attempts together: servers refuse a Cookie header of 8 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cookie:
    name: str
    size: int
    pending: PendingLogin | None


def remember(
    request: HttpRequest, response: HttpResponseBase, pending: PendingLogin, *, path: str, base: str, now: float
) -> None:
    """Puts the attempt into its cookie and lets go of dead ones, and of the oldest where there are too many."""
    value = pending.seal(sealer(PURPOSE))
    for name in _superfluous(list(_cookies(request)), len(value), now):
        response.delete_cookie(name, path=path, samesite="Lax")
    posted = pending.response_mode == FORM_POST  # by the provider's page: a Lax cookie would stay behind
    response.set_cookie(
        cookie_name(pending.state),
        value,
        max_age=LIFE,
        path=path,
        secure=posted or is_secure(base),
        httponly=True,
        samesite="None" if posted else "Lax",
    )


def is_secure(base: str) -> bool:
    """Always, except on a developer's machine: http on a loopback host with DEBUG."""
    parts = split_uri(base)
    return not (settings.DEBUG and parts and parts.scheme == "http" and is_loopback_host(parts.hostname))


def find(request: HttpRequest, states: Sequence[str]) -> PendingLogin | None:
    """This browser's attempt for one of `states`, live or not."""
    for state in states:
        name = cookie_name(state)
        if name in request.COOKIES:
            return PendingLogin.open(request.COOKIES[name], name, sealer(PURPOSE))
    return None


def use_up(pending: PendingLogin) -> bool:
    """True for the first caller with this attempt over all processes; nobody after it, whatever comes of the first.

    Raises ProviderUnavailable where the shared cache is away: nobody can tell then whether there was a first one.
    """
    key = "codeflow:rp:attempt:" + hashlib.sha256(pending.state.encode()).hexdigest()
    return mark_once(conf.cache, key, LIFE + 120)


def forget(response: HttpResponseBase, pending: PendingLogin, *, path: str) -> None:
    response.delete_cookie(cookie_name(pending.state), path=path, samesite="Lax")


def _cookies(request: HttpRequest) -> Iterator[_Cookie]:
    for name, value in request.COOKIES.items():
        if name.startswith(COOKIE_PREFIX):
            pending = PendingLogin.open(value, name, sealer(PURPOSE))
            yield _Cookie(name=name, size=len(name) + len(value), pending=pending)


def _superfluous(cookies: list[_Cookie], coming: int, now: float) -> Iterator[str]:
    live = [cookie for cookie in cookies if cookie.pending and cookie.pending.is_live(now)]
    yield from (cookie.name for cookie in cookies if cookie not in live)
    live.sort(key=lambda cookie: cookie.pending.issued_at if cookie.pending else 0)
    while len(live) >= MOST or (live and coming + sum(cookie.size for cookie in live) > MOST_OCTETS):
        yield live.pop(0).name
