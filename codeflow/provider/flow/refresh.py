"""Refresh: a refresh token is used once and replaced; any other second use ends the grant.

RFC 6749 6, 10.4; OIDC Core 12, 12.2; RFC 9700 2.2.2, 4.14.2. An honest retry is no replay: a confidential client that did not hear
the answer gets the same successor again for a minute, as long as nobody has used it. The successor rests sealed under a key
derived from the presented token, which the database does not hold.
"""

import json
from dataclasses import dataclass, replace
from typing import NoReturn

from django.utils import timezone

from codeflow.core.errors import InvalidGrant, InvalidRequest, InvalidScope, InvalidTarget
from codeflow.core.sealing import SealBroken, Sealer
from codeflow.core.token import TokenRequest, TokenResponse
from codeflow.provider import grants, revocation
from codeflow.provider.conf import moment, provider_settings
from codeflow.provider.flow.claims_parameter import ClaimsParameter
from codeflow.provider.grants import Grant, NewTokens
from codeflow.provider.key_store import KeyPair
from codeflow.provider.models import Client, RefreshToken
from codeflow.provider.models.tokens import token_digest
from codeflow.provider.statements import Parameter, Select, Update

_FIND = Select(
    RefreshToken,
    lambda: RefreshToken.objects.select_related("user", "application", "session").filter(
        token_checksum=Parameter("token_checksum", RefreshToken)
    ),
)
_USE = Update(
    RefreshToken,
    lambda: RefreshToken.objects.filter(pk=Parameter("id", RefreshToken), used_at=None, revoked=None),
    "used_at",
    "successor",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshedTokens:
    response: TokenResponse
    grant: Grant


def refresh_tokens(
    request: TokenRequest, client: Client, key: KeyPair, resource: tuple[str, ...] = ()
) -> RefreshedTokens:
    """The checks in order, then the rotation. Raises InvalidRequest, InvalidGrant, InvalidScope or InvalidTarget."""
    row = _find(request, client)
    _check_not_revoked(row)
    _check_user_and_client(row)
    if row.used_at is not None:
        return _retry(row, request, client, key, resource)
    _check_not_expired(row)
    narrowed = _check_scope(row, request)
    whole = _grant(row, client)
    grant = replace(
        whole,
        scopes=narrowed,
        resource=_check_resource(row, resource),
        claims=_claims_within(row, narrowed),
    )
    tokens = grants.new_tokens(grant, key, with_refresh_token=True)
    if not _use(row, request, tokens, grant):
        return _retry(_find(request, client), request, client, key, resource)
    grants.store(grant, tokens, whole=whole)
    return RefreshedTokens(response=grants.token_response(grant, tokens, key), grant=grant)


def _find(request: TokenRequest, client: Client) -> RefreshToken:
    if not request.refresh_token:
        raise InvalidRequest("refresh_token is missing.", reason="refresh_token_missing")
    row = _FIND.first(token_checksum=token_digest(request.refresh_token))
    if row is None:
        raise InvalidGrant(reason="unknown_refresh_token")
    if row.application_id != client.pk:
        raise InvalidGrant(reason="refresh_token_of_another_client")  # RFC 6749 6: and it stays as it is
    return row


def _check_not_revoked(row: RefreshToken) -> None:
    if row.revoked is not None:
        raise InvalidGrant(reason="revoked")


def _check_user_and_client(row: RefreshToken) -> None:
    if not row.user.is_active:
        raise InvalidGrant(reason="user_inactive")
    if not row.application.is_active:
        raise InvalidGrant(reason="client_inactive")


def _check_not_expired(row: RefreshToken) -> None:
    if min(row.expires, row.family_expires) <= timezone.now():
        raise InvalidGrant(reason="refresh_token_expired")


def _check_scope(row: RefreshToken, request: TokenRequest) -> tuple[str, ...]:
    granted = row.scope.split()
    if not request.scope:
        return tuple(granted)
    asked = dict.fromkeys(request.scope.split(" "))
    if not asked.keys() <= set(granted):
        raise InvalidScope("The scope is wider than what was granted.", reason="scope_wider")  # RFC 6749 6
    return tuple(asked)


def _check_resource(row: RefreshToken, resource: tuple[str, ...]) -> tuple[str, ...]:
    if not set(resource) <= set(row.resource):
        raise InvalidTarget(reason="resource")  # RFC 8707 2.2
    return resource or tuple(row.resource)


def _claims_within(row: RefreshToken, narrowed: tuple[str, ...]) -> str:
    """The `claims` parameter without what the scopes that were left out stood for."""
    asked = ClaimsParameter.parse(row.claims)
    left_out = set(row.scope.split()) - set(narrowed)
    return asked.within(frozenset(narrowed) | (asked.scopes - left_out)).to_text()


def _use(row: RefreshToken, request: TokenRequest, tokens: NewTokens, grant: Grant) -> bool:
    """One atomic conditional update; False where another request was first."""
    return bool(_USE.run(id=row.pk, used_at=timezone.now(), successor=_seal_successor(request, tokens, grant)))


def _retry(
    row: RefreshToken, request: TokenRequest, client: Client, key: KeyPair, resource: tuple[str, ...]
) -> RefreshedTokens:
    """The same successor for an honest retry; anything else is a replay.

    An access token that has ended meanwhile, as by a sign-out that an offline grant outlives, is not handed out again.
    """
    _check_not_revoked(row)
    if row.used_at is None or client.is_public or timezone.now() - row.used_at > provider_settings.refresh_token_retry:
        _refuse_replay(row)
    tokens, scopes = _open_successor(row, request)
    same = RefreshToken.objects.select_for_update().filter(token_checksum=token_digest(tokens.refresh_token))
    successor = same.first()  # locked: a revocation comes before this answer, or ends what it holds
    if successor is None or successor.used_at is not None or successor.revoked is not None:
        _refuse_replay(row)
    grant = replace(_grant(row, client), scopes=scopes, claims=_claims_within(row, scopes))
    if grants.live_access_token(tokens.access_token) is None:
        grant = replace(grant, resource=_check_resource(row, resource))
        fresh = grants.new_tokens(grant, key, with_refresh_token=False)
        grants.store(grant, fresh, whole=grant)
        tokens = replace(fresh, refresh_token=tokens.refresh_token)
        RefreshToken.objects.filter(pk=row.pk).update(successor=_seal_successor(request, tokens, grant))
    return RefreshedTokens(response=grants.token_response(grant, tokens, key), grant=grant)


def _refuse_replay(row: RefreshToken) -> NoReturn:
    revocation.revoke_family(row.token_family)  # RFC 9700 4.14.2
    raise InvalidGrant(reason="refresh_token_replayed")


def _seal_successor(request: TokenRequest, tokens: NewTokens, grant: Grant) -> str:
    content = [tokens.access_token, tokens.access_token_expires.timestamp(), tokens.refresh_token, grant.scope]
    return _sealer(request).seal(json.dumps(content).encode())


def _open_successor(row: RefreshToken, request: TokenRequest) -> tuple[NewTokens, tuple[str, ...]]:
    try:
        access_token, expires, refresh_token, scope = json.loads(_sealer(request).open(row.successor))
    except SealBroken:
        _refuse_replay(row)
    tokens = NewTokens(
        access_token=access_token,
        access_token_expires=moment(expires),
        refresh_token=refresh_token,
    )
    return tokens, tuple(scope.split())


def _sealer(request: TokenRequest) -> Sealer:
    return Sealer([request.refresh_token], purpose="refresh token successor")


def _grant(row: RefreshToken, client: Client) -> Grant:
    return grants.grant_of(row, client, token_family=row.token_family, family_expires=row.family_expires)
