"""Step 4: the browser brings the answer to the redirect_uri; check it before anything is done with it.

RFC 6749 4.1.2, 4.1.2.1, 10.12; RFC 9207 2.4; RFC 9700 2.1.2, 4.4, 4.7; OIDC Core 3.1.2.5-3.1.2.7; Form Post
Response Mode 2. Left out: JARM.
"""

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from codeflow.core.authorization import AuthorizationResponse
from codeflow.core.errors import InvalidRequest
from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party.errors import (
    Cancelled,
    Check,
    NotAllowed,
    PageNeeded,
    ProviderUnavailable,
    ProviderUntrusted,
    RelyingPartyError,
    TransactionInvalid,
)
from codeflow.relying_party.flow.checklist import all_passed, check, shown
from codeflow.relying_party.flow.configuration import QUERY, Provider
from codeflow.relying_party.flow.step1_authorization_request import PendingLogin

Pairs = Sequence[tuple[str, str]]

STAGE = "callback"
LONGEST: Mapping[str, int] = {
    "state": 128,
    "code": 4096,
    "iss": 2000,
    "error": 128,
    "error_description": 1024,
    "error_uri": 2000,
}
"""Characters; our own state has 43."""
SINGLE = ("state", "code", "iss", "error")
FRONT_CHANNEL = ("id_token", "access_token", "response")
"""Never asked for in the front channel (RFC 9700 2.1.2)."""

_CANCELLED = frozenset({"access_denied"})
_UNAVAILABLE = frozenset({"server_error", "temporarily_unavailable"})
_PAGE_NEEDED = frozenset(
    {"login_required", "interaction_required", "consent_required", "account_selection_required"}
)  # OIDC Core 3.1.2.6
_TOO_WEAK = frozenset({"unmet_authentication_requirements"})  # OIDC Unmet Authentication Requirements 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedResponse:
    """A code that answers this browser's own question to this provider."""

    code: str = field(repr=False)
    pending: PendingLogin
    checks: tuple[Check, ...]


def check_response(
    pending: PendingLogin,
    parameters: Pairs,
    *,
    response_mode: str,
    provider: Provider,
    metadata: ProviderMetadata,
    now: float,
) -> CheckedResponse:
    """The code, if every check of the response passes.

    Raises TransactionInvalid (state), ProviderUntrusted, and for an error response Cancelled, PageNeeded, NotAllowed,
    ProviderUnavailable or ProviderUntrusted; its text is the other side's and is logged, never shown.
    """
    made = all_passed(STAGE, _checks(pending, parameters, response_mode, provider, metadata, now), failures=_FAILURES)
    response = _read(parameters)
    if response.error:
        raise _refusal(response, pending, made)
    return CheckedResponse(code=response.code, pending=pending, checks=made)


_FAILURES: Mapping[str, type[RelyingPartyError]] = {"state": TransactionInvalid, "attempt_age": TransactionInvalid}


def _checks(
    pending: PendingLogin,
    parameters: Pairs,
    response_mode: str,
    provider: Provider,
    metadata: ProviderMetadata,
    now: float,
) -> Iterator[Check]:
    yield state_matches(parameters, expected_state=pending.state)
    yield attempt_is_live(pending, now)
    yield same_provider(pending, provider)
    yield came_as_asked(response_mode, expected_response_mode=pending.response_mode)
    yield not_repeated(parameters)
    yield not_too_long(parameters)
    yield issuer_matches(parameters, expected_issuer=provider.issuer, metadata=metadata)
    yield nothing_from_the_front_channel(parameters)
    yield code_or_error(parameters)


def state_matches(parameters: Pairs, *, expected_state: str) -> Check:
    """One of the states is this attempt's (a second one fails the check for repeated parameters)."""
    passed = any(state_equals(value, expected_state) for name, value in parameters if name == "state")
    return check(
        "state",
        expected="the state of this browser's attempt",
        actual="the same" if passed else "absent or another",
        passed=passed,
        spec="RFC 6749 10.12; RFC 9700 4.7",
    )


def state_equals(state: str, expected_state: str) -> bool:
    return hmac.compare_digest(state.encode("utf-8", "replace"), expected_state.encode("ascii"))


def attempt_is_live(pending: PendingLogin, now: float) -> Check:
    age = f"{now - pending.issued_at:.0f} s old"
    return check("attempt_age", expected="at most 600 s", actual=age, passed=pending.is_live(now), spec="RFC 9700 4.7")


def same_provider(pending: PendingLogin, provider: Provider) -> Check:
    """Each provider has its own redirect_uri, and the attempt knows whom it asked (RFC 9700 4.4.2)."""
    passed = (pending.provider, pending.issuer) == (provider.name, provider.issuer)
    return check("provider", expected=pending.provider, actual=provider.name, passed=passed, spec="RFC 9700 4.4.2")


def came_as_asked(response_mode: str, *, expected_response_mode: str) -> Check:
    """By the response mode asked for and no other (Form Post Response Mode 2; OAuth Multiple Response Types 2.1)."""
    expected = expected_response_mode or QUERY
    passed = response_mode == expected
    return check("response_mode", expected=expected, actual=response_mode, passed=passed, spec="Form Post 2")


def not_repeated(parameters: Pairs) -> Check:
    counts = Counter(name for name, _ in parameters)
    repeated = [name for name in SINGLE if counts[name] > 1]
    return check("repeated", expected="each once", actual=", ".join(repeated), passed=not repeated, spec="RFC 6749 3.1")


def not_too_long(parameters: Pairs) -> Check:
    long = [name for name, value in parameters if len(value) > LONGEST.get(name, len(value))]
    return check("length", expected="within limits", actual=", ".join(long), passed=not long, spec="robustness")


def issuer_matches(parameters: Pairs, *, expected_issuer: str, metadata: ProviderMetadata) -> Check:
    """Byte for byte, in error responses too; absence fails only where the provider says that it sends `iss`."""
    iss = dict(parameters).get("iss")
    may_be_absent = not metadata.authorization_response_iss_parameter_supported
    passed = may_be_absent if iss is None else iss == expected_issuer
    return check("iss", expected=expected_issuer, actual=iss, passed=passed, spec="RFC 9207 2.4")


def nothing_from_the_front_channel(parameters: Pairs) -> Check:
    found = sorted({name for name, _ in parameters if name in FRONT_CHANNEL})
    return check("front_channel", expected="no token", actual=", ".join(found), passed=not found, spec="RFC 9700 2.1.2")


def code_or_error(parameters: Pairs) -> Check:
    """Exactly one of them, and not empty (RFC 6749 4.1.2, 4.1.2.1)."""
    found = sorted({name for name, value in parameters if name in ("code", "error") and value})
    return check(
        "code_or_error",
        expected="code or error",
        actual=" and ".join(found),
        passed=len(found) == 1,
        spec="RFC 6749 4.1.2",
    )


def _read(parameters: Pairs) -> AuthorizationResponse:
    try:
        return AuthorizationResponse.parse(parameters)
    except InvalidRequest as error:
        raise ProviderUntrusted(f"{STAGE}.repeated", error.detail) from error


def _refusal(response: AuthorizationResponse, pending: PendingLogin, made: Sequence[Check]) -> RelyingPartyError:
    """The provider's own refusal (RFC 6749 4.1.2.1; OIDC Core 3.1.2.6)."""
    detail = f"the provider answered error={shown(response.error)}: {shown(response.error_description)}"
    if response.error in _CANCELLED:
        return Cancelled(f"{STAGE}.access_denied", detail, checks=made)
    if response.error in _PAGE_NEEDED and pending.prompt == "none":
        return PageNeeded(f"{STAGE}.page_needed", detail, checks=made)
    if response.error in _TOO_WEAK:
        return NotAllowed(f"{STAGE}.acr", detail, checks=made)
    kind = ProviderUnavailable if response.error in _UNAVAILABLE else ProviderUntrusted
    return kind(f"{STAGE}.error", detail, checks=made)
