"""Beside step 7: ask the provider for the claims that the ID token does not carry.

OIDC Core 5.3.1-5.3.4; RFC 6750 2.1. Only claims about the ID token's own `sub` are used. Left out: encrypted answers;
aggregated claims.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from codeflow.core import jose
from codeflow.core.metadata import ProviderMetadata
from codeflow.http import Answer, BrokeTheRules, HttpError
from codeflow.relying_party.errors import Check, ProviderUntrusted
from codeflow.relying_party.flow.checklist import all_passed, equal
from codeflow.relying_party.flow.claims_checks import audience_holds
from codeflow.relying_party.flow.configuration import OPENID, Outside, Provider
from codeflow.relying_party.flow.jwks import accepted_algorithms, verify
from codeflow.relying_party.flow.step5_token_request import ReceivedTokens
from codeflow.relying_party.flow.step7_id_token import Subject

STAGE = "userinfo"
JWT = "application/jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfo:
    """Claims about the subject. `problem` says why there are none; sign-in goes on without them."""

    claims: Mapping[str, Any] = field(repr=False)
    problem: str = ""
    checks: tuple[Check, ...] = ()


def is_wanted(provider: Provider, metadata: ProviderMetadata, tokens: ReceivedTokens) -> bool:
    """Where the provider has the endpoint and the grant covers more than `openid`."""
    return provider.userinfo and bool(metadata.userinfo_endpoint) and tokens.scope.split() != [OPENID]


def request_userinfo(
    tokens: ReceivedTokens, subject: Subject, *, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> UserInfo:
    """The claims, or why there are none.

    Raises ProviderUntrusted where a 200 is about somebody else or about nobody.
    """
    headers = {"Authorization": f"Bearer {tokens.response.access_token}"}  # in the header alone (RFC 6750 2.3)
    try:
        answer = outside.door.get(metadata.userinfo_endpoint, headers=headers)
    except HttpError as error:
        return UserInfo(claims={}, problem=str(error))
    if answer.status_code != 200:
        return UserInfo(claims={}, problem=f"HTTP {answer.status_code}")
    claims = _claims(answer, subject, provider, metadata, outside)
    sub = equal("sub", expected=subject.sub, actual=claims.get("sub"), spec="OIDC Core 5.3.2")
    return UserInfo(claims=claims, checks=all_passed(STAGE, [sub]))


def merged_claims(subject: Subject, userinfo: UserInfo) -> dict[str, Any]:
    """All claims about the subject, userinfo's before the ID token's.

    A "verified" never vouches for the other's value.
    """
    claims = dict(subject.claims)
    for name in ("email", "phone_number"):
        if name in userinfo.claims:
            claims.pop(f"{name}_verified", None)
    return {**claims, **userinfo.claims, "iss": subject.iss, "sub": subject.sub}


def _claims(
    answer: Answer, subject: Subject, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> Mapping[str, Any]:
    if answer.content_type == JWT:
        return _signed_claims(answer, subject, provider, metadata, outside)
    try:
        return answer.json_object()
    except BrokeTheRules as error:
        raise ProviderUntrusted(f"{STAGE}.json", error.detail) from error


def _signed_claims(
    answer: Answer, subject: Subject, provider: Provider, metadata: ProviderMetadata, outside: Outside
) -> Mapping[str, Any]:
    """A signed answer names its issuer and this client (OIDC Core 5.3.2)."""
    algorithms = accepted_algorithms(provider, metadata)
    try:
        verified = verify(answer.text.strip(), provider, metadata, outside, algorithms=algorithms)
    except jose.JoseError as error:
        raise ProviderUntrusted(f"{STAGE}.signature", str(error)) from error
    iss = equal("iss", expected=subject.iss, actual=verified.claims.get("iss"), spec="OIDC Core 5.3.2")
    all_passed(STAGE, [iss, audience_holds(verified.claims, client_id=provider.client_id)])
    return verified.claims
