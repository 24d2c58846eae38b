"""Step 7: validate the ID token. Only what comes out of here says who signed in.

OIDC Core 2, 3.1.3.6-3.1.3.8; RFC 7519 4.1, 7.2; RFC 8725 3.1-3.12. Left out: encrypted ID tokens; HS*.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from codeflow.core import jose
from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party.errors import Check, NotAllowed, ProviderUntrusted, RelyingPartyError, TransactionInvalid
from codeflow.relying_party.flow import claims_checks as claim
from codeflow.relying_party.flow.checklist import all_passed, check
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.jwks import accepted_algorithms, verify
from codeflow.relying_party.flow.step1_authorization_request import PendingLogin
from codeflow.relying_party.flow.step5_token_request import ReceivedTokens

STAGE = "id_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who signed in: (iss, sub) and nothing else names a person (OIDC Core 5.7)."""

    iss: str
    sub: str = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    checks: tuple[Check, ...] = ()

    @property
    def sid(self) -> str:
        return str(self.claims.get("sid", ""))

    @property
    def acr(self) -> str:
        acr = self.claims.get("acr", "")
        return acr if isinstance(acr, str) else ""

    @property
    def auth_time(self) -> int | None:
        auth_time = self.claims.get("auth_time")
        return int(auth_time) if claim.is_number_date(auth_time) else None

    @property
    def exp(self) -> int:
        return int(self.claims["exp"])


def check_id_token(
    tokens: ReceivedTokens,
    pending: PendingLogin,
    *,
    provider: Provider,
    metadata: ProviderMetadata,
    outside: Outside,
    code: str = "",
) -> Subject:
    """The subject of a sign-in's ID token.

    Raises ProviderUntrusted; TransactionInvalid where max_age was asked for and the authentication is too old;
    NotAllowed where a stronger sign-in (acr) or a required scope is missing; ProviderUnavailable where there are no
    keys to judge with.
    """
    token = IdToken.read(tokens, code)
    checks = all_passed(STAGE, _login_checks(token, tokens, pending, provider, metadata, outside), failures=_FAILURES)
    _check_scope(tokens, pending, provider)
    return Subject(iss=token.claims["iss"], sub=token.claims["sub"], claims=token.claims, checks=checks)


_FAILURES: Mapping[str, type[RelyingPartyError]] = {"auth_time": TransactionInvalid, "acr": NotAllowed}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    text: str = field(repr=False)
    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    access_token: str = field(repr=False)
    code: str = field(repr=False)

    @classmethod
    def read(cls, tokens: ReceivedTokens, code: str = "") -> "IdToken":
        """Item 1: three parts of strict JSON; an encrypted token was not asked for."""
        text = tokens.response.id_token
        try:
            header, claims = jose.parse(text)
        except jose.JoseError as error:
            raise ProviderUntrusted(f"{STAGE}.form", f"{error} (OIDC Core 3.1.3.7 item 1)") from error
        return cls(text=text, header=header, claims=claims, access_token=tokens.response.access_token, code=code)


def _login_checks(
    token: IdToken,
    tokens: ReceivedTokens,
    pending: PendingLogin,
    provider: Provider,
    metadata: ProviderMetadata,
    outside: Outside,
) -> Iterator[Check]:
    yield from common_checks(token, tokens, provider, metadata, outside)
    yield claim.nonce_matches(token.claims, expected_nonce=pending.nonce)  # item 11
    yield claim.acr_is_enough(token.claims, expected_acr=pending.demand.acr)  # item 12
    yield claim.auth_time_is_recent(  # item 13
        token.claims, max_age=pending.demand.max_age, now=tokens.received_at, leeway=provider.leeway
    )


def common_checks(
    token: IdToken, tokens: ReceivedTokens, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> Iterator[Check]:
    """Items 2 to 10 of OIDC Core 3.1.3.7, and what sections 2, 3.1.3.6 and 3.1.3.8 add. Item 1 was reading it."""
    claims, now, leeway, clock_skew = token.claims, tokens.received_at, provider.leeway, tokens.clock_skew
    yield claim.issuer_matches(claims, expected_issuer=provider.issuer_of(claims))  # item 2
    yield claim.audience_holds(claims, client_id=provider.client_id)  # item 3
    yield claim.audiences_are_trusted(claims, client_id=provider.client_id, trusted=provider.trusted_audiences)  # 3, 4
    yield claim.authorized_party_matches(claims, client_id=provider.client_id)  # items 4, 5
    yield algorithm_is_accepted(token.header, accepted_algorithms(provider, metadata))  # items 7, 8, before its use
    yield signature_holds(token.text, provider, metadata, outside)  # item 6, over TLS too
    yield claim.not_expired(claims, now=now, leeway=leeway, clock_skew=clock_skew)  # item 9
    yield claim.recently_issued(  # item 10
        claims, now=now, leeway=leeway, max_age=provider.max_iat_age, clock_skew=clock_skew
    )
    yield claim.already_valid(claims, now=now, leeway=leeway, clock_skew=clock_skew)
    yield claim.subject_is_well_formed(claims)
    yield claim.sid_is_well_formed(claims)
    yield claim.auth_time_is_well_formed(claims)
    yield claim.hash_matches(claims, "at_hash", token.access_token, token.header)
    yield claim.hash_matches(claims, "c_hash", token.code, token.header)


def algorithm_is_accepted(header: Mapping[str, Any], accepted: tuple[str, ...]) -> Check:
    """Pinned before the token was read; `none` and HS* are never among them (RFC 8725 2.1, 3.1)."""
    alg = header.get("alg")
    passed = isinstance(alg, str) and alg in accepted
    return check("alg", expected=" ".join(accepted), actual=alg, passed=passed, spec="OIDC Core 3.1.3.7 (7, 8)")


def signature_holds(
    text: str, provider: Provider, metadata: ProviderMetadata, outside: Outside, *, types: Collection[str] = ("JWT",)
) -> Check:
    """Made with a key of the provider's set, and of one of `types` (RFC 8725 3.11)."""
    expected, spec = "made with a key of the provider", "OIDC Core 3.1.3.7 (6)"
    try:
        algorithms = accepted_algorithms(provider, metadata)
        verified = verify(text, provider, metadata, outside, algorithms=algorithms, types=types)
    except jose.JoseError as error:
        return check("signature", expected=expected, actual=str(error), passed=False, spec=spec)
    key = f"key {verified.kid}" if verified.kid else "the provider's key"
    return check("signature", expected=expected, actual=key, passed=True, spec=spec)


def _check_scope(tokens: ReceivedTokens, pending: PendingLogin, provider: Provider) -> None:
    """RFC 6749 3.3: the provider may grant less; what this site cannot do without is its own rule."""
    needed = [*provider.required_scope, *pending.demand.scope.split()]
    missing = [name for name in needed if name not in tokens.scope.split()]
    if missing:
        raise NotAllowed("scope.missing", f"not granted: {' '.join(missing)}")
