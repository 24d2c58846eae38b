"""The provider's signing keys, and the one way to verify a JWT with them.

OIDC Core 10.1, 10.1.1; RFC 7517 5; RFC 8725 3.1, 3.10: keys come from `jwks_uri` alone, never from a token's header.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from codeflow.core import jose
from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party.errors import ProviderUnavailable, ProviderUntrusted
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.documents import Document, adopt_newer, get_document

LIFE = 600
MAX_BODY = 512 * 1024
MAX_KEYS = 100
REFETCH_EVERY = 60
"""Seconds between two fetches that an unknown key may cause, per provider and over all processes."""


def accepted_algorithms(provider: Provider, metadata: ProviderMetadata) -> tuple[str, ...]:
    """The pin: what the settings allow, narrowed by what the provider states, never widened (RFC 8725 3.1).

    Where the provider states nothing that is allowed, the settings alone decide, so a downgraded document changes
    nothing.
    """
    stated = metadata.id_token_signing_alg_values_supported
    both = tuple(alg for alg in provider.id_token_signing_alg_values if alg in stated)
    return both or provider.id_token_signing_alg_values


def verify(
    token: str,
    provider: Provider,
    metadata: ProviderMetadata,
    outside: Outside,
    *,
    algorithms: Collection[str],
    types: Collection[str] = ("JWT",),
) -> jose.VerifiedJwt:
    """Header and claims of a JWT that the provider signed. Raises jose.JoseError or RelyingPartyError."""
    failure = jose.JoseError("there are no keys")
    for keys in _key_sets(metadata, outside):
        try:
            return jose.verify(token, keys, algorithms=algorithms, types=types)
        except jose.JoseError as error:
            failure = error
            if not _newer_keys_may_help(token, error):
                break
    raise failure


def _key_sets(metadata: ProviderMetadata, outside: Outside) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The set at hand; then a newer one that another process fetched; then, rarely, a fetch (OIDC Core 10.1.1)."""
    yield signing_keys(metadata, outside)
    if adopt_newer(metadata.jwks_uri, outside):
        yield signing_keys(metadata, outside)
    if _may_refetch(metadata, outside):
        yield signing_keys(metadata, outside, forced=True)


def signing_keys(metadata: ProviderMetadata, outside: Outside, *, forced: bool = False) -> Sequence[Mapping[str, Any]]:
    """The usable keys of the provider's set.

    Without any, good or kept, there is nothing to judge with: ProviderUnavailable.
    """
    try:
        document = get_document(
            metadata.jwks_uri, outside, life=LIFE, judge=_usable, stage="jwks", max_body=MAX_BODY, forced=forced
        )
    except ProviderUntrusted as error:
        raise ProviderUnavailable(error.code, error.detail) from error
    return _usable(document)


def _usable(document: Document) -> list[dict[str, Any]]:
    try:
        keys = jose.usable_keys(document, at_most=MAX_KEYS)
    except jose.JoseError as error:
        raise ProviderUntrusted("jwks.form", str(error)) from error
    if not keys:
        raise ProviderUntrusted("jwks.empty", "no usable signing key")
    return keys


def _newer_keys_may_help(token: str, error: jose.JoseError) -> bool:
    if isinstance(error, jose.NoMatchingKey):
        return True
    try:
        header, _ = jose.parse(token)
    except jose.JoseError:
        return False
    return (
        "kid" not in header and header.get("alg") in jose.ASYMMETRIC_ALGORITHMS
    )  # a set without kids may have turned over


def _may_refetch(metadata: ProviderMetadata, outside: Outside) -> bool:
    key = "codeflow:rp:refetch:" + hashlib.sha256(metadata.jwks_uri.encode("utf-8")).hexdigest()
    return outside.cache.add(key, 1, REFETCH_EVERY)
