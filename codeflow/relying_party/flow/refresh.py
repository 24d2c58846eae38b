"""After step 7: a new access token for an old sign-in.

RFC 6749 6; OIDC Core 12.1, 12.2; RFC 9700 4.14. Who may refresh, and when, is decided beside the rows (grants).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from codeflow.core import jose
from codeflow.core.metadata import ProviderMetadata
from codeflow.core.token import REFRESH_TOKEN, TokenRequest
from codeflow.relying_party.errors import Check
from codeflow.relying_party.flow.checklist import all_passed, check
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.step5_token_request import ReceivedTokens, post_token_request
from codeflow.relying_party.flow.step7_id_token import IdToken, common_checks

STAGE = "refresh"
AHEAD = 30
"""Seconds before its end at which a token is renewed, or a tenth of its life where that is more."""


def refresh_at(received_at: float, expires_at: float) -> float:
    """When a token is due; never before half of a short life is over."""
    life = expires_at - received_at
    return expires_at - min(max(AHEAD, life / 10), life / 2)


def refresh_tokens(
    refresh_token: str,
    *,
    scope: str,
    id_token: str,
    provider: Provider,
    metadata: ProviderMetadata,
    outside: Outside,
) -> ReceivedTokens:
    """New tokens; a part that the provider leaves out stays the old one (RFC 6749 6; OIDC Core 12.2).

    Raises TransactionInvalid (invalid_grant), ProviderUntrusted or ProviderUnavailable.
    """
    request = TokenRequest(grant_type=REFRESH_TOKEN, refresh_token=refresh_token)
    received = post_token_request(request, asked=scope, provider=provider, metadata=metadata, outside=outside)
    if received.response.id_token:
        _check_id_token(received, _claims_of(id_token), provider, metadata, outside)
    kept = replace(
        received.response,
        refresh_token=received.response.refresh_token or refresh_token,
        id_token=received.response.id_token or id_token,
    )
    return replace(received, response=kept)


def _check_id_token(
    received: ReceivedTokens,
    first: Mapping[str, Any],
    provider: Provider,
    metadata: ProviderMetadata,
    outside: Outside,
) -> None:
    token = IdToken.read(received)
    all_passed(STAGE, common_checks(token, received, provider, metadata, outside))
    all_passed(STAGE, _same_sign_in(token.claims, first))


def _same_sign_in(claims: Mapping[str, Any], first: Mapping[str, Any]) -> Iterator[Check]:
    """OIDC Core 12.2: iss, sub and aud are those of the first ID token; auth_time is not that of another sign-in."""
    for name in ("iss", "sub", "aud"):
        yield _unchanged(f"same_{name}", claims, first, name, required=True)
    for name in ("auth_time", "nonce", "azp"):
        yield _unchanged(f"same_{name}", claims, first, name, required=False)


def _unchanged(rule: str, claims: Mapping[str, Any], first: Mapping[str, Any], name: str, *, required: bool) -> Check:
    passed = claims.get(name) == first.get(name) or (not required and name not in claims)
    actual = "the same" if passed else "another"
    return check(rule, expected="as in the first ID token", actual=actual, passed=passed, spec="OIDC Core 12.2")


def _claims_of(id_token: str) -> Mapping[str, Any]:
    """The kept token's claims; it was verified when it came."""
    return jose.parse(id_token)[1]
