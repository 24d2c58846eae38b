"""Asks the provider what a token is, and remembers the answer for a short while.

RFC 7662 2.1, 2.2, 4. The memory is this process's own, of a fixed size: an entry lives at most a minute, so a revoked
token may work that much longer.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from codeflow.core.errors import InvalidToken
from codeflow.core.metadata import ProviderMetadata
from codeflow.http import BrokeTheRules, HttpError
from codeflow.relying_party.bearer.access_token import AccessToken, audience_is_this_api, scope_is_text, token_of
from codeflow.relying_party.errors import Check, ConfigurationError, ProviderUnavailable, ProviderUntrusted
from codeflow.relying_party.flow import claims_checks as claim
from codeflow.relying_party.flow.checklist import all_passed, equal
from codeflow.relying_party.flow.client_authentication import authenticated
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.discovery import is_safe_endpoint

STAGE = "introspection"
LIFE, LIFE_OF_A_NO = 60, 10
"""Seconds for which an answer is used again."""
MOST = 4096
"""Answers kept in this process; the one not used for the longest time goes first."""
DEADLINE = 5.0

Claims = Mapping[str, Any]

_kept: OrderedDict[str, tuple[float, Claims]] = OrderedDict()
_lock = threading.Lock()


def introspect(
    text: str, *, audience: str, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> AccessToken:
    """The token that the provider explains. Raises InvalidToken; RelyingPartyError where it cannot be asked."""
    now = outside.clock()
    key = hashlib.sha256(f"{provider.issuer}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
    claims = _remembered(key, now)
    if claims is None:
        claims = _ask(text, provider, metadata, outside)
        _remember(key, claims, now)
    try:
        all_passed(STAGE, _checks(claims, audience, provider, now))
    except ProviderUntrusted as error:
        raise InvalidToken(detail=str(error), reason="introspection") from error
    return token_of({"exp": now + LIFE, **claims}, provider)


def forget() -> None:
    """Drops every answer that this process remembers."""
    with _lock:
        _kept.clear()


def _ask(text: str, provider: Provider, metadata: ProviderMetadata, outside: Outside) -> Claims:
    endpoint = metadata.introspection_endpoint
    if not endpoint or not is_safe_endpoint(endpoint, http_loopback=provider.http_loopback):
        raise ConfigurationError(
            f"{STAGE}.endpoint", f"provider {provider.name!r} has no usable introspection endpoint"
        )
    form = {"token": text, "token_type_hint": "access_token"}
    headers, form = authenticated(provider, metadata, form, now=outside.clock())
    try:
        answer = outside.door.post_form(endpoint, form, headers=headers, deadline=DEADLINE)
        if answer.status_code != 200:
            raise ProviderUnavailable(f"{STAGE}.status", f"HTTP {answer.status_code}")
        return answer.json_object()
    except BrokeTheRules as error:
        raise ProviderUntrusted(f"{STAGE}.json", error.detail) from error
    except HttpError as error:
        raise ProviderUnavailable(f"{STAGE}.{error.code}", error.detail) from error


def _checks(claims: Claims, audience: str, provider: Provider, now: float) -> Iterator[Check]:
    """What the answer must say; a member that RFC 7662 2.2 makes optional counts where it stands, and `aud` must."""
    yield equal("active", expected=True, actual=claims.get("active"), spec="RFC 7662 2.2")
    yield audience_is_this_api(claims, audience)
    if "iss" in claims:
        yield claim.issuer_matches(claims, expected_issuer=provider.issuer_of(claims))
    if "exp" in claims:
        yield claim.not_expired(claims, now=now, leeway=0, clock_skew=None)
    yield claim.already_valid(claims, now=now, leeway=provider.leeway)
    if "sub" in claims:
        yield claim.subject_is_well_formed(claims)
    yield scope_is_text(claims)


def _remembered(key: str, now: float) -> Claims | None:
    with _lock:
        until, claims = _kept.get(key, (0.0, {}))
        if now >= until:
            return None
        _kept.move_to_end(key)
        return claims


def _remember(key: str, claims: Claims, now: float) -> None:
    life = LIFE if claims.get("active") is True else LIFE_OF_A_NO
    with _lock:
        _kept[key] = now + life, claims
        while len(_kept) > MOST:
            _kept.popitem(last=False)
