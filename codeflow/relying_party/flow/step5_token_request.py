"""Step 5: POST the code, the verifier and this client's proof to the token endpoint, and judge the shape of the answer.

RFC 6749 4.1.3, 4.1.4, 5.1, 5.2; RFC 7636 4.5; OIDC Core 3.1.3.1-3.1.3.4. Never retried: a code is sent once. Left out:
DPoP.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from codeflow.core.jose import MAX_JWT
from codeflow.core.metadata import ProviderMetadata
from codeflow.core.token import AUTHORIZATION_CODE, BEARER, TokenRequest, TokenResponse
from codeflow.http import Answer, BrokeTheRules, HttpError, NotSent
from codeflow.relying_party.errors import (
    Check,
    ProviderUnavailable,
    ProviderUntrusted,
    RelyingPartyError,
    TransactionInvalid,
)
from codeflow.relying_party.flow.checklist import all_passed, check, shown
from codeflow.relying_party.flow.client_authentication import authenticated, choose_method
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.step4_authorization_response import CheckedResponse

STAGE = "token"
LONGEST_LIFE = 10 * 366 * 24 * 3600
UNSTATED_LIFE = 3600
"""Seconds; used where expires_in is absent or makes no sense, so that no token is kept for ever."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_ERROR = re.compile(r"[\x20-\x7e]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedTokens:
    """A well-formed answer of the token endpoint; whom it is about is judged in step 7."""

    response: TokenResponse
    scope: str
    """What was granted; as asked where the answer is silent (RFC 6749 5.1)."""
    received_at: float
    expires_at: float
    clock_skew: int | None
    """Seconds that this clock is ahead of the provider's, by the answer's Date."""
    auth_method: str
    checks: tuple[Check, ...]


def request_tokens(
    checked: CheckedResponse, *, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> ReceivedTokens:
    """Exchanges the code. Raises TransactionInvalid (invalid_grant), ProviderUntrusted or ProviderUnavailable."""
    request = TokenRequest(
        grant_type=AUTHORIZATION_CODE,
        code=checked.code,
        redirect_uri=checked.pending.redirect_uri,
        code_verifier=checked.pending.code_verifier,
    )
    received = post_token_request(
        request, asked=checked.pending.scope, provider=provider, metadata=metadata, outside=outside
    )
    if not received.response.id_token:
        raise ProviderUntrusted("token.id_token", "no id_token though openid was asked for (OIDC Core 3.1.3.3)")
    return received


def post_token_request(
    request: TokenRequest, *, asked: str, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> ReceivedTokens:
    """Sends any token request and reads its answer; shared with refreshing."""
    headers, form = authenticated(provider, metadata, request.to_parameters(), now=outside.clock())
    try:
        answer = outside.door.post_form(metadata.token_endpoint, form, headers=headers)
    except (BrokeTheRules, NotSent) as error:
        raise ProviderUntrusted(f"{STAGE}.{error.code}", error.detail) from error
    except HttpError as error:
        raise ProviderUnavailable(f"{STAGE}.{error.code}", error.detail) from error
    if answer.status_code != 200:
        raise _failure(answer)
    members = _members(answer)
    now = outside.clock()
    return ReceivedTokens(
        checks=all_passed(STAGE, _checks(members)),
        response=_response(members),
        scope=members.get("scope") or asked,
        received_at=now,
        expires_at=now + (_lifetime(members.get("expires_in")) or UNSTATED_LIFE),
        clock_skew=_clock_skew(answer, now),
        auth_method=choose_method(provider, metadata),
    )


def _failure(answer: Answer) -> RelyingPartyError:
    status = answer.status_code
    if status >= 500 or status == 429:
        return ProviderUnavailable(f"{STAGE}.status", f"HTTP {status}")
    if 300 <= status < 400:
        return ProviderUntrusted(
            f"{STAGE}.redirect", f"HTTP {status}; following it would send code and secret elsewhere"
        )
    error = _error_code(answer)
    if error == "invalid_grant":
        return TransactionInvalid(f"{STAGE}.invalid_grant", f"HTTP {status}, error=invalid_grant")  # RFC 6749 5.2
    if error == "invalid_client":
        return ProviderUntrusted(
            f"{STAGE}.invalid_client", f"HTTP {status}: it does not accept our client_id and secret"
        )
    return ProviderUntrusted(f"{STAGE}.error", f"HTTP {status}, error={error or 'none'}")


def _error_code(answer: Answer) -> str:
    try:
        error = answer.json_object().get("error")
    except BrokeTheRules:
        return ""
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else ""


def _members(answer: Answer) -> Mapping[str, Any]:
    """The members, null ones left out."""
    try:
        return {name: value for name, value in answer.json_object().items() if value is not None}
    except BrokeTheRules as error:
        raise ProviderUntrusted(f"{STAGE}.json", error.detail) from error


def _checks(members: Mapping[str, Any]) -> Iterator[Check]:
    yield is_token(members, "access_token", required=True)
    yield is_bearer(members)
    yield is_token(members, "refresh_token", required=False)
    yield is_scope(members)
    yield is_id_token_sized(members)


def is_token(members: Mapping[str, Any], name: str, *, required: bool) -> Check:
    """Visible ASCII, so that it fits a header (RFC 6749 A.12, A.17; RFC 6750 2.1)."""
    value = members.get(name)
    good = isinstance(value, str) and _TOKEN.fullmatch(value) is not None
    passed = good or (value is None and not required)
    actual = "absent" if value is None else "a token" if good else f"a malformed {type(value).__name__}"
    return check(name, expected="a token", actual=actual, passed=passed, spec="RFC 6749 5.1")


def is_bearer(members: Mapping[str, Any]) -> Check:
    """Case does not matter (RFC 6749 5.1); a type we do not know must not be used (7.1)."""
    value = members.get("token_type")
    passed = isinstance(value, str) and value.lower() == BEARER.lower()
    return check("token_type", expected=BEARER, actual=value, passed=passed, spec="RFC 6749 5.1, 7.1")


def is_scope(members: Mapping[str, Any]) -> Check:
    value = members.get("scope", "")
    return check("scope", expected="text", actual=shown(value), passed=isinstance(value, str), spec="RFC 6749 5.1")


def is_id_token_sized(members: Mapping[str, Any]) -> Check:
    value = members.get("id_token", "")
    passed = isinstance(value, str) and len(value) <= MAX_JWT
    actual = f"{len(value)} characters" if isinstance(value, str) else type(value).__name__
    return check("id_token", expected="a JWT", actual=actual, passed=passed, spec="OIDC Core 3.1.3.3")


def _response(members: Mapping[str, Any]) -> TokenResponse:
    return TokenResponse(
        access_token=members["access_token"],
        token_type=BEARER,
        expires_in=_lifetime(members.get("expires_in")),
        refresh_token=members.get("refresh_token", ""),
        scope=members.get("scope", ""),
        id_token=members.get("id_token", ""),
    )


def _lifetime(expires_in: object) -> int | None:
    """Seconds; None where it is absent, no number, negative or absurd (RFC 6749 5.1: RECOMMENDED, not required)."""
    if isinstance(expires_in, str) and expires_in.isascii() and expires_in.isdigit() and len(expires_in) < 12:
        expires_in = int(expires_in)  # some providers send text
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or not 0 < expires_in <= LONGEST_LIFE:
        return None
    return int(expires_in)


def _clock_skew(answer: Answer, now: float) -> int | None:
    try:
        return round(now - parsedate_to_datetime(answer.headers.get("Date", "")).timestamp())
    except (TypeError, ValueError, OverflowError):
        return None
