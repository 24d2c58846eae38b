"""The rules for the claims of an ID token, one small function each.

OIDC Core 2, 3.1.3.6, 3.1.3.7, 3.1.3.8, 5.5.1.1; RFC 7519 4.1; Back-Channel Logout 2.1 (sid).
"""

import hmac
from collections.abc import Collection, Mapping
from typing import Any, TypeGuard

from codeflow.core import jose
from codeflow.relying_party.errors import Check
from codeflow.relying_party.flow.checklist import check, equal

Claims = Mapping[str, Any]

LATEST = 253402300799
"""The last second of the year 9999; later "dates" are milliseconds or nonsense."""
MAX_SUB = 255


def issuer_matches(claims: Claims, *, expected_issuer: str) -> Check:
    return equal("iss", expected=expected_issuer, actual=claims.get("iss"), spec="OIDC Core 3.1.3.7 (2)")


def audience_holds(claims: Claims, *, client_id: str) -> Check:
    audiences = _audiences(claims)
    return check(
        "aud", expected=client_id, actual=claims.get("aud"), passed=client_id in audiences, spec="OIDC Core 3.1.3.7 (3)"
    )


def audiences_are_trusted(claims: Claims, *, client_id: str, trusted: Collection[str]) -> Check:
    others = _audiences(claims) - {client_id}
    unknown = sorted(others - set(trusted))
    return check(
        "audiences",
        expected="no untrusted one",
        actual=" ".join(unknown),
        passed=not unknown,
        spec="OIDC Core 3.1.3.7 (3)",
    )


def authorized_party_matches(claims: Claims, *, client_id: str) -> Check:
    """azp is this client wherever it stands, and must stand where there are several audiences."""
    azp = claims.get("azp")
    needed = len(_audiences(claims)) > 1
    passed = azp == client_id if "azp" in claims or needed else True
    expected = client_id if needed else f"{client_id} or absent"
    return check("azp", expected=expected, actual=azp, passed=passed, spec="OIDC Core 3.1.3.7 (4, 5)")


def not_expired(claims: Claims, *, now: float, leeway: int, clock_skew: int | None) -> Check:
    exp = claims.get("exp")
    passed = is_number_date(exp) and now < exp + leeway
    return check(
        "exp",
        expected=f"later than {now:.0f} - {leeway} s",
        actual=f"{_date(exp)}{_clock_hint(passed, clock_skew, leeway)}",
        passed=passed,
        spec="OIDC Core 3.1.3.7 (9)",
    )


def recently_issued(claims: Claims, *, now: float, leeway: int, max_age: int, clock_skew: int | None = None) -> Check:
    iat = claims.get("iat")
    passed = is_number_date(iat) and now - max_age - leeway <= iat <= now + leeway
    expected = f"{now:.0f} - {max_age} s to + {leeway} s"
    actual = f"{_date(iat)}{_clock_hint(passed, clock_skew, leeway)}"
    return check("iat", expected=expected, actual=actual, passed=passed, spec="OIDC Core 3.1.3.7 (10)")


def already_valid(claims: Claims, *, now: float, leeway: int, clock_skew: int | None = None) -> Check:
    nbf = claims.get("nbf")
    passed = nbf is None or (is_number_date(nbf) and nbf <= now + leeway)
    actual = f"{_date(nbf)}{_clock_hint(passed, clock_skew, leeway)}"
    return check("nbf", expected="not in the future", actual=actual, passed=passed, spec="RFC 7519 4.1.5")


def subject_is_well_formed(claims: Claims) -> Check:
    passed = is_subject(claims.get("sub"))
    actual = "well formed" if passed else "absent or malformed"
    return check("sub", expected="1 to 255 ASCII characters", actual=actual, passed=passed, spec="OIDC Core 2")


def is_subject(sub: object) -> bool:
    return isinstance(sub, str) and 0 < len(sub) <= MAX_SUB and sub.isascii() and sub.isprintable()


def sid_is_well_formed(claims: Claims) -> Check:
    sid = claims.get("sid")
    passed = sid is None or is_subject(sid)
    actual = "absent" if sid is None else "well formed" if passed else "malformed"
    return check("sid", expected="text or absent", actual=actual, passed=passed, spec="Back-Channel Logout 2.1")


def nonce_matches(claims: Claims, *, expected_nonce: str) -> Check:
    nonce = claims.get("nonce")
    passed = isinstance(nonce, str) and hmac.compare_digest(
        nonce.encode("utf-8", "replace"), expected_nonce.encode("ascii")
    )
    actual = "absent" if nonce is None else "the same" if passed else "another"
    return check(
        "nonce", expected="the nonce of this attempt", actual=actual, passed=passed, spec="OIDC Core 3.1.3.7 (11)"
    )


def acr_is_enough(claims: Claims, *, expected_acr: str) -> Check:
    """One of the classes asked for, where some were (OIDC Core 5.5.1.1)."""
    acr = claims.get("acr")
    passed = not expected_acr or (isinstance(acr, str) and acr in expected_acr.split())
    return check("acr", expected=expected_acr or "any", actual=acr, passed=passed, spec="OIDC Core 3.1.3.7 (12)")


def auth_time_is_well_formed(claims: Claims) -> Check:
    auth_time = claims.get("auth_time")
    passed = auth_time is None or is_number_date(auth_time)
    return check(
        "auth_time_form", expected="a date or absent", actual=_date(auth_time), passed=passed, spec="OIDC Core 2"
    )


def auth_time_is_recent(claims: Claims, *, max_age: int | None, now: float, leeway: int) -> Check:
    """Where max_age was sent, auth_time must come and be recent enough."""
    auth_time = claims.get("auth_time")
    passed = max_age is None or (is_number_date(auth_time) and now - max_age - leeway <= auth_time <= now + leeway)
    expected = "any" if max_age is None else f"at most {max_age} s ago"
    return check("auth_time", expected=expected, actual=_date(auth_time), passed=passed, spec="OIDC Core 3.1.3.7 (13)")


def hash_matches(claims: Claims, name: str, value: str, header: Mapping[str, Any]) -> Check:
    """at_hash or c_hash: absent is fine in this flow; present, it must hold.

    An unknown hash fails closed (CVE-2026-28498).
    """
    claimed = claims.get(name)
    try:
        expected = jose.left_half_hash(value, str(header.get("alg"))) if value else None
    except (jose.JoseError, UnicodeEncodeError):
        expected = None
    passed = name not in claims or value == "" or (isinstance(claimed, str) and claimed == expected)
    actual = "absent" if claimed is None else "the same" if passed else "another"
    return check(name, expected="the hash or absent", actual=actual, passed=passed, spec="OIDC Core 3.1.3.6, 3.1.3.8")


def is_number_date(value: object) -> TypeGuard[float]:
    """A NumericDate within this side of the year 9999 (RFC 7519 2)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LATEST


def _audiences(claims: Claims) -> set[str]:
    """The audiences; none where the claim is malformed (RFC 7519 4.1.3: text or a list of text)."""
    aud = claims.get("aud")
    values = [aud] if isinstance(aud, str) else aud
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return set()
    return set(values)


def _date(value: object) -> str:
    if value is None:
        return "absent"
    return f"{value:.0f}" if is_number_date(value) else "no date"


def _clock_hint(passed: bool, clock_skew: int | None, leeway: int) -> str:
    if passed or clock_skew is None or abs(clock_skew) <= leeway:
        return ""
    direction = "ahead of" if clock_skew > 0 else "behind"
    return f"; your server's clock is {abs(clock_skew)} s {direction} the provider's"
