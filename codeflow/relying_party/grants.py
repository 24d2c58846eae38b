"""The tokens of a grant, kept usable: renewed before they end, by one caller at a time, on any database.

RFC 6749 6; RFC 9700 4.14 (a rotating refresh token may be sent once). A lease in the row elects who refreshes; the
token endpoint is called outside any transaction of this module; everybody else waits for `version` to move, holding no
database connection.
"""

import contextvars
import random
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.db.models import F, Q

from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party import signals
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.errors import (
    ConfigurationError,
    ProviderUnavailable,
    ReauthRequired,
    RelyingPartyError,
    TransactionInvalid,
)
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.flow.jwks import signing_keys
from codeflow.relying_party.flow.refresh import refresh_at, refresh_tokens
from codeflow.relying_party.flow.revocation import revoke_refresh_token
from codeflow.relying_party.flow.step5_token_request import ReceivedTokens
from codeflow.relying_party.models import HeldTokens, Identity, TokenGrant, sealed_tokens

LEASE = 20
"""Seconds; longer than the door's deadline, so that a live refresher is never overtaken."""
BACK_OFF = 5
"""Seconds for which nobody asks again after a failure; the lease is simply kept that long."""
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
    world = outside(provider)
    held = _held(grant, provider)
    if held.access_token != refused and world.clock() < held.refresh_at:
        return held.access_token
    return apart(lambda: _renewed(grant, provider, world, refused))


def _renewed(grant: TokenGrant, provider: Provider, world: Outside, refused: str) -> str:
    until = time.monotonic() + PATIENCE
    while True:
        held, now = _held(grant, provider), world.clock()
        usable = held.access_token if held.access_token != refused and now < grant.expires_at else ""
        if usable and now < held.refresh_at:
            return usable
        if not held.refresh_token:
            return usable or _nothing_left(provider)
        if renewed := _refreshed(grant, held, provider, world, usable):
            return renewed
        if usable:
            return usable  # due, but not over: no need to wait for the one who renews it
        if time.monotonic() >= until:
            raise ProviderUnavailable("refresh.waiting", "another process holds the lease")
        _wait(grant)


def revoke(grant: TokenGrant, provider: Provider) -> None:
    """Gives the refresh token back at the provider, if both have what it takes; best effort."""
    held = grant.held
    if held is None or not held.refresh_token:
        return
    world = outside(provider)
    try:
        metadata = provider_metadata(provider, world)
        if not metadata.revocation_endpoint:
            return
        problem = revoke_refresh_token(held.refresh_token, provider=provider, metadata=metadata, outside=world)
    except RelyingPartyError as error:
        problem = str(error)
    if problem:
        signals.logger.warning("refresh token not revoked: provider=%s detail=%s", provider.name, problem)


def withdraw(grant: TokenGrant, reason: str) -> None:
    """Ends a grant here, and at its provider as far as that can be reached."""
    try:
        revoke(grant, conf.provider(grant.identity.provider_key))
    except ConfigurationError:  # the provider is gone from the settings; nobody can be asked
        signals.logger.warning("grant of an unknown provider withdrawn here alone: grant=%s", grant.pk)
    TokenGrant.objects.filter(pk=grant.pk).update(dead_reason=reason, tokens="", lease="")
    signals.announce(
        "reauth_required", provider=grant.identity.provider_key, user_pk=grant.identity.user_id, reason=reason
    )


def _held(grant: TokenGrant, provider: Provider) -> HeldTokens:
    held = grant.held
    if grant.dead_reason or held is None:
        reason = grant.dead_reason or "the tokens cannot be decrypted"
        raise ReauthRequired("grant.dead", reason, provider=provider.name)
    return held


def _nothing_left(provider: Provider) -> str:
    raise ReauthRequired("grant.expired", "no refresh token", provider=provider.name)


def _refreshed(grant: TokenGrant, held: HeldTokens, provider: Provider, world: Outside, usable: str) -> str:
    """A new access token; "" if another caller holds the lease.

    `usable` is given back while the provider cannot answer.
    """
    try:
        metadata = provider_metadata(provider, world)
        signing_keys(metadata, world)  # before the lease: under it only the token endpoint is waited for
        lease = _take_lease(grant, world.clock())
        return _refresh(grant, held, provider, metadata, world, lease) if lease else ""
    except ProviderUnavailable:
        if not usable:
            raise
        return usable


def _take_lease(grant: TokenGrant, now: float) -> str:
    """The lease's name if this caller now holds it; "" if another does or the row has moved on."""
    lease = secrets.token_hex(16)
    free = Q(lease="") | Q(lease_until__lt=now)
    taken = TokenGrant.objects.filter(free, pk=grant.pk, version=grant.version, dead_reason="").update(
        lease=lease, lease_until=now + LEASE
    )
    return lease if taken else ""


def _refresh(
    grant: TokenGrant, held: HeldTokens, provider: Provider, metadata: ProviderMetadata, world: Outside, lease: str
) -> str:
    try:
        received = refresh_tokens(
            held.refresh_token,
            scope=grant.scope,
            id_token=held.id_token,
            provider=provider,
            metadata=metadata,
            outside=world,
        )
    except TransactionInvalid as error:
        return _after_invalid_grant(grant, provider, error)
    except RelyingPartyError as error:
        raise _after_failure(grant, provider, lease, error, world.clock()) from error
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


def _after_invalid_grant(grant: TokenGrant, provider: Provider, error: TransactionInvalid) -> str:
    """Another process may have rotated the token meanwhile; only if nobody did is the grant over."""
    version = grant.version
    _reload(grant)
    if grant.version != version:
        return _held(grant, provider).access_token
    signals.announce_failure("token_refresh_failed", error, provider=provider.name, step=7)
    raise _bury(grant, provider, error.code) from error


def _after_failure(
    grant: TokenGrant, provider: Provider, lease: str, error: RelyingPartyError, now: float
) -> RelyingPartyError:
    """A new ID token about somebody else ends the grant. Anything else says nothing about the old tokens: they stay."""
    signals.announce_failure("token_refresh_failed", error, provider=provider.name, step=7)
    if error.code.startswith(("refresh.", "id_token.")):
        return _bury(grant, provider, error.code)
    TokenGrant.objects.filter(pk=grant.pk, lease=lease).update(lease_until=now + BACK_OFF)
    if isinstance(error, ProviderUnavailable):
        return error
    return ProviderUnavailable(error.code, error.detail, reference=error.reference)


def _bury(grant: TokenGrant, provider: Provider, reason: str) -> ReauthRequired:
    """Marks the grant dead and wipes its tokens."""
    TokenGrant.objects.filter(pk=grant.pk, version=grant.version).update(dead_reason=reason, tokens="", lease="")
    signals.announce("reauth_required", provider=provider.name, step=7, user_pk=grant.identity.user_id, reason=reason)
    return ReauthRequired(reason, "the provider ended the grant", provider=provider.name)


def _wait(grant: TokenGrant) -> None:
    """Sleeps a little without holding a database connection, then looks again."""
    if not connection.in_atomic_block:
        connection.close()
    time.sleep(random.uniform(0.05, 0.25))  # noqa: S311  # jitter, not a secret
    _reload(grant)


def apart(function: Callable[[], str]) -> str:
    """Runs `function` on a database connection of its own where the caller is inside a transaction (ATOMIC_REQUESTS).

    A rotated refresh token must be stored even if the caller's transaction is rolled back, and other processes must see
    the lease at once. SQLite has one writer, so there a second connection would wait for ourselves.
    """
    if connection.vendor == "sqlite" or not _in_transaction():
        return function()
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(contextvars.copy_context().run, _and_close, function).result()


def _and_close(function: Callable[[], str]) -> str:
    try:
        return function()
    finally:
        connection.close()


def _in_transaction() -> bool:
    """Inside anybody's transaction but the one that a TestCase wraps around everything."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _reload(grant: TokenGrant) -> None:
    try:
        grant.refresh_from_db(fields=["tokens", "scope", "expires_at", "version", "dead_reason"])
    except TokenGrant.DoesNotExist as error:
        raise ReauthRequired("grant.gone", "signed out meanwhile") from error
