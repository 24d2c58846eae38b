"""The tokens of a grant, kept usable: renewed before they end, by one caller at a time, on any database.

RFC 6749 6; RFC 9700 4.14 (a rotating refresh token may be sent once). A lease in the row elects who refreshes; the token endpoint is
called outside any transaction of this module; everybody else waits for `version` to move, holding no database connection.
"""

import random
import secrets
import time

from django.db import connection
from django.db.models import F, Q

from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party import signals
from codeflow.relying_party.conf import outside
from codeflow.relying_party.errors import (
    ProviderUnavailable,
    ReauthRequired,
    RelyingPartyError,
    TransactionInvalid,
)
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.flow.refresh import refresh_at, refresh_tokens
from codeflow.relying_party.flow.revocation import revoke_refresh_token
from codeflow.relying_party.flow.step5_token_request import ReceivedTokens
from codeflow.relying_party.models import HeldTokens, Identity, TokenGrant, sealed_tokens

LEASE = 20
"""Seconds; longer than the door's deadline, so that a live refresher is never overtaken."""
PATIENCE = 10.0
"""Seconds that a caller waits for another one's refresh."""


def store_grant(identity: Identity, received: ReceivedTokens) -> TokenGrant:
    """A new row for the tokens of a sign-in."""
    return TokenGrant.objects.create(
        identity=identity,
        tokens=sealed_tokens(held_tokens(received), identity.pk),
        scope=received.scope,
        expires_at=received.expires_at,
    )


def held_tokens(received: ReceivedTokens) -> HeldTokens:
    return HeldTokens(
        access_token=received.response.access_token,
        refresh_token=received.response.refresh_token,
        id_token=received.response.id_token,
        refresh_at=refresh_at(received.received_at, received.expires_at),
    )


def live_access_token(grant: TokenGrant, provider: Provider, *, refused: str = "") -> str:
    """An access token that should work. `refused` is one that an API just answered with 401.

    Raises ReauthRequired where nothing but a new sign-in helps, ProviderUnavailable where waiting may.
    """
    world = outside()
    until = time.monotonic() + PATIENCE
    while True:
        held, now = _held(grant, provider), world.clock()
        if held.access_token != refused and now < held.refresh_at:
            return held.access_token
        if not held.refresh_token:
            return _last_use(grant, held, provider, now, refused)
        if lease := _take_lease(grant, now):
            return _refresh(grant, held, provider, world, lease)
        if held.access_token != refused and now < grant.expires_at:
            return held.access_token  # due, but not over: no need to wait for the one who renews it
        if time.monotonic() >= until:
            raise ProviderUnavailable("refresh.waiting", "another process holds the lease")
        _wait(grant)


def revoke(grant: TokenGrant, provider: Provider) -> None:
    """Gives the refresh token back at the provider, if both have what it takes; best effort."""
    held = grant.held
    if held is None or not held.refresh_token:
        return
    world = outside()
    try:
        metadata = provider_metadata(provider, world)
        if not metadata.revocation_endpoint:
            return
        problem = revoke_refresh_token(held.refresh_token, provider=provider, metadata=metadata, outside=world)
    except RelyingPartyError as error:
        problem = str(error)
    if problem:
        signals.logger.warning("refresh token not revoked: provider=%s detail=%s", provider.name, problem)


def _held(grant: TokenGrant, provider: Provider) -> HeldTokens:
    held = grant.held
    if grant.dead_reason or held is None:
        reason = grant.dead_reason or "the tokens cannot be decrypted"
        raise ReauthRequired("grant.dead", reason, provider=provider.name)
    return held


def _last_use(grant: TokenGrant, held: HeldTokens, provider: Provider, now: float, refused: str) -> str:
    """Without a refresh token a token serves to its very end."""
    if held.access_token == refused or now >= grant.expires_at:
        raise ReauthRequired("grant.expired", "no refresh token", provider=provider.name)
    return held.access_token


def _take_lease(grant: TokenGrant, now: float) -> str:
    """The lease's name if this caller now holds it; "" if another does or the row has moved on."""
    lease = secrets.token_hex(16)
    free = Q(lease="") | Q(lease_until__lt=now)
    taken = TokenGrant.objects.filter(free, pk=grant.pk, version=grant.version, dead_reason="").update(
        lease=lease, lease_until=now + LEASE
    )
    return lease if taken else ""


def _refresh(grant: TokenGrant, held: HeldTokens, provider: Provider, world: Outside, lease: str) -> str:
    try:
        received = _ask(grant, held, provider, world)
    except TransactionInvalid as error:
        return _after_invalid_grant(grant, provider, lease, error)
    except RelyingPartyError as error:
        _give_back(grant, lease)
        signals.announce_failure("token_refresh_failed", error, provider=provider.name, step=7)
        if error.retryable:
            raise  # the old tokens stay: nobody said that they are bad (RFC 9700 4.14)
        raise _bury(grant, provider, error.code) from error
    _save(grant, received, lease)
    signals.announce(
        "token_refreshed",
        provider=provider.name,
        client_id=provider.client_id,
        step=7,
        user_pk=grant.identity.user_id,
        values={"access_token": received.response.access_token, "refresh_token": held.refresh_token},
        spec="RFC 6749 6",
    )
    return received.response.access_token


def _ask(grant: TokenGrant, held: HeldTokens, provider: Provider, world: Outside) -> ReceivedTokens:
    metadata: ProviderMetadata = provider_metadata(provider, world)
    return refresh_tokens(
        held.refresh_token,
        scope=grant.scope,
        id_token=held.id_token,
        provider=provider,
        metadata=metadata,
        outside=world,
    )


def _save(grant: TokenGrant, received: ReceivedTokens, lease: str) -> None:
    """Stores the new tokens before anybody uses them. Where the lease was lost meanwhile, the newer row stands."""
    TokenGrant.objects.filter(pk=grant.pk, lease=lease).update(
        tokens=sealed_tokens(held_tokens(received), grant.identity_id),
        scope=received.scope,
        expires_at=received.expires_at,
        version=F("version") + 1,
        lease="",
    )
    _reload(grant)


def _after_invalid_grant(grant: TokenGrant, provider: Provider, lease: str, error: TransactionInvalid) -> str:
    """Another process may have rotated the token meanwhile; only if nobody did is the grant over."""
    version = grant.version
    _reload(grant)
    if grant.version != version:
        return _held(grant, provider).access_token
    _give_back(grant, lease)
    signals.announce_failure("token_refresh_failed", error, provider=provider.name, step=7)
    raise _bury(grant, provider, error.code) from error


def _bury(grant: TokenGrant, provider: Provider, reason: str) -> ReauthRequired:
    """Marks the grant dead and wipes its tokens."""
    TokenGrant.objects.filter(pk=grant.pk, version=grant.version).update(dead_reason=reason, tokens="", lease="")
    signals.announce("reauth_required", provider=provider.name, step=7, user_pk=grant.identity.user_id, reason=reason)
    return ReauthRequired(reason, "the provider ended the grant", provider=provider.name)


def _give_back(grant: TokenGrant, lease: str) -> None:
    TokenGrant.objects.filter(pk=grant.pk, lease=lease).update(lease="")


def _wait(grant: TokenGrant) -> None:
    """Sleeps a little without holding a database connection, then looks again."""
    if not connection.in_atomic_block:
        connection.close()
    time.sleep(random.uniform(0.05, 0.25))  # noqa: S311  # jitter, not a secret
    _reload(grant)


def _reload(grant: TokenGrant) -> None:
    try:
        grant.refresh_from_db(fields=["tokens", "scope", "expires_at", "version", "dead_reason"])
    except TokenGrant.DoesNotExist as error:
        raise ReauthRequired("grant.gone", "signed out meanwhile") from error
