"""A logout token: the provider says that a session, or every session of somebody, has ended there.

Back-Channel Logout 2.4, 2.6; RFC 8725 3.11. Whether it was used before is asked beside the rows (logouts). Left out:
encrypted logout tokens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from codeflow.core import jose
from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party.errors import Check, ProviderUntrusted
from codeflow.relying_party.flow import claims_checks as claim
from codeflow.relying_party.flow.checklist import all_passed, check
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.jwks import accepted_algorithms
from codeflow.relying_party.flow.step7_id_token import algorithm_is_accepted, signature_holds

STAGE = "logout_token"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = ("logout+jwt", "JWT")
LONGEST_JTI = 1024

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutToken:
    """Whose sessions end: those with `sid`; without one, all of `sub`."""

    iss: str
    jti: str = field(repr=False)
    sub: str = field(repr=False)
    sid: str = field(repr=False)
    exp: int
    checks: tuple[Check, ...] = ()


def check_logout_token(text: str, *, provider: Provider, metadata: ProviderMetadata, outside: Outside) -> LogoutToken:
    """What `text` says, if it may be believed.

    Raises ProviderUntrusted; ProviderUnavailable where there are no keys to judge with.
    """
    try:
        header, claims = jose.parse(text)
    except jose.JoseError as error:
        raise ProviderUntrusted(f"{STAGE}.form", f"{error} (Back-Channel Logout 2.6 item 1)") from error
    checks = all_passed(STAGE, _checks(text, header, claims, provider, metadata, outside))
    return LogoutToken(
        iss=claims["iss"],
        jti=claims["jti"],
        sub=claims.get("sub", ""),
        sid=claims.get("sid", ""),
        exp=int(claims.get("exp", claims["iat"])),
        checks=checks,
    )


def _checks(
    text: str,
    header: Mapping[str, Any],
    claims: Claims,
    provider: Provider,
    metadata: ProviderMetadata,
    outside: Outside,
) -> Iterator[Check]:
    """Back-Channel Logout 2.6, by item; what was signed is looked at before who may have been meant."""
    now, leeway = outside.clock(), provider.leeway
    yield algorithm_is_accepted(header, accepted_algorithms(provider, metadata))  # item 3
    yield signature_holds(text, provider, metadata, outside, types=TYPES)  # items 2, 3; its type with them
    yield claim.issuer_matches(claims, expected_issuer=provider.issuer_of(claims))  # item 4, as in an ID token
    yield claim.audience_holds(claims, client_id=provider.client_id)
    yield claim.audiences_are_trusted(claims, client_id=provider.client_id, trusted=provider.trusted_audiences)
    yield claim.recently_issued(claims, now=now, leeway=leeway, max_age=provider.max_iat_age)
    if "exp" in claims or not provider.is_excused("logout_token_without_exp"):
        yield claim.not_expired(claims, now=now, leeway=leeway, clock_skew=None)
    yield claim.already_valid(claims, now=now, leeway=leeway)
    yield somebody_is_named(claims)  # item 5
    yield event_is_logout(claims)  # item 6
    yield no_nonce(claims)  # item 7
    yield jti_is_well_formed(claims)  # item 8 needs one


def somebody_is_named(claims: Claims) -> Check:
    """`sub`, `sid` or both, each of them usable as a key."""
    named = [claims[name] for name in ("sub", "sid") if claims.get(name) is not None]
    passed = bool(named) and all(claim.is_subject(value) for value in named)
    actual = "well formed" if passed else "neither" if not named else "malformed"
    return check("subject", expected="sub or sid", actual=actual, passed=passed, spec="Back-Channel Logout 2.6 (5)")


def event_is_logout(claims: Claims) -> Check:
    events = claims.get("events")
    passed = isinstance(events, dict) and isinstance(events.get(EVENT), dict)
    actual = "that event" if passed else "absent or another"
    return check("events", expected=EVENT, actual=actual, passed=passed, spec="Back-Channel Logout 2.6 (6)")


def no_nonce(claims: Claims) -> Check:
    """An ID token has one: it is not taken for a logout token."""
    actual = "present" if "nonce" in claims else "absent"
    passed = "nonce" not in claims
    return check("nonce", expected="absent", actual=actual, passed=passed, spec="Back-Channel Logout 2.6 (7)")


def jti_is_well_formed(claims: Claims) -> Check:
    jti = claims.get("jti")
    passed = isinstance(jti, str) and 0 < len(jti) <= LONGEST_JTI
    actual = "text" if passed else "absent or malformed"
    return check("jti", expected="text", actual=actual, passed=passed, spec="Back-Channel Logout 2.4")
