"""What an access token proves, once it has been judged.

RFC 9068 2.1, 2.2, 4; RFC 8725 3.1, 3.9, 3.11; RFC 9700 2.3. An audience is always asked for: a token for another API is no
token for this one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from codeflow.core import jose
from codeflow.core.errors import InvalidToken
from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party.errors import Check, ProviderUntrusted
from codeflow.relying_party.flow import claims_checks as claim
from codeflow.relying_party.flow.checklist import all_passed, check
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.jwks import verify

STAGE = "access_token"
TYPES = ("at+jwt",)

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """Whose it is, which client holds it, and what it allows. The token itself is not kept."""

    provider: str
    iss: str
    sub: str = field(repr=False)
    client_id: str
    scopes: frozenset[str]
    audiences: frozenset[str]
    exp: float
    claims: Claims = field(repr=False)

    def has_scope(self, scope: str) -> bool:
        """All of `scope`, which is space separated."""
        return self.scopes.issuperset(scope.split())


def check_jwt(
    text: str, *, audience: str, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> AccessToken:
    """The token of a JWT after RFC 9068. Raises InvalidToken, and RelyingPartyError where there are no keys."""
    try:
        header, claims = jose.parse(text)
        all_passed(STAGE, _checks(text, header, claims, audience, provider, metadata, outside))
    except (jose.JoseError, ProviderUntrusted) as error:
        raise InvalidToken(detail=str(error), reason="jwt") from error
    return token_of(claims, provider)


def token_of(claims: Claims, provider: Provider) -> AccessToken:
    """From claims that have been judged."""
    return AccessToken(
        provider=provider.name,
        iss=provider.issuer_of(claims),
        sub=str(claims.get("sub", "")),
        client_id=str(claims.get("client_id", "")),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        audiences=frozenset(_listed(claims.get("aud"))),
        exp=float(claims["exp"]),
        claims=claims,
    )


def _checks(
    text: str,
    header: Claims,
    claims: Claims,
    audience: str,
    provider: Provider,
    metadata: ProviderMetadata,
    outside: Outside,
) -> Iterator[Check]:
    """RFC 9068 4, in its order; what was signed is looked at before it is believed."""
    now, leeway = outside.clock(), provider.leeway
    yield _type_is_access_token(header)
    yield _signature_holds(text, provider, metadata, outside)
    yield claim.issuer_matches(claims, expected_issuer=provider.issuer_of(claims))
    yield audience_is_this_api(claims, audience)
    yield claim.not_expired(claims, now=now, leeway=leeway, clock_skew=None)
    yield claim.already_valid(claims, now=now, leeway=leeway)
    yield _is_text(claims, "client_id")
    yield _is_text(claims, "jti")
    yield _iat_is_date(claims)
    yield claim.subject_is_well_formed(claims)
    yield scope_is_text(claims)


def audience_is_this_api(claims: Claims, audience: str) -> Check:
    passed = audience in _listed(claims.get("aud"))
    return check("aud", expected=audience, actual=claims.get("aud"), passed=passed, spec="RFC 9068 4; RFC 9700 2.3")


def scope_is_text(claims: Claims) -> Check:
    scope = claims.get("scope", "")
    return check(
        "scope", expected="text", actual=type(scope).__name__, passed=isinstance(scope, str), spec="RFC 9068 2.2.3"
    )


def _type_is_access_token(header: Claims) -> Check:
    """Without it an ID token could pass (RFC 9068 2.1; RFC 8725 3.11)."""
    typ = header.get("typ")
    passed = isinstance(typ, str) and typ.lower().removeprefix("application/") in TYPES
    return check("typ", expected="at+jwt", actual=typ, passed=passed, spec="RFC 9068 2.1")


def _signature_holds(text: str, provider: Provider, metadata: ProviderMetadata, outside: Outside) -> Check:
    """By a key of the provider's set, with an algorithm of the settings (RFC 8725 3.1)."""
    algorithms = provider.id_token_signing_alg_values
    try:
        verified = verify(text, provider, metadata, outside, algorithms=algorithms, types=TYPES)
    except jose.JoseError as error:
        return check("signature", expected="the provider's", actual=str(error), passed=False, spec="RFC 9068 4")
    return check("signature", expected="the provider's", actual=verified.kid, passed=True, spec="RFC 9068 4")


def _is_text(claims: Claims, name: str) -> Check:
    value = claims.get(name)
    passed = isinstance(value, str) and bool(value)
    actual = "text" if passed else "absent or malformed"
    return check(name, expected="text", actual=actual, passed=passed, spec="RFC 9068 2.2")


def _iat_is_date(claims: Claims) -> Check:
    passed = claim.is_number_date(claims.get("iat"))
    return check("iat", expected="a date", actual="a date" if passed else "none", passed=passed, spec="RFC 9068 2.2")


def _listed(aud: object) -> list[str]:
    values = [aud] if isinstance(aud, str) else aud if isinstance(aud, list) else []
    return [value for value in values if isinstance(value, str)]
