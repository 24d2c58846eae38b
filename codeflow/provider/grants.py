"""What was granted, and the tokens made from it.

OIDC Core 2, 3.1.3.3, 3.1.3.6, 12.2; RFC 6749 5.1; RFC 6750 2.1; RFC 9068 2. A grant begins with a code; its tokens share the
code's key as `token_family`.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from codeflow.core import jose
from codeflow.core.token import TokenResponse
from codeflow.provider import claims
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow.claims_parameter import ClaimsParameter, select
from codeflow.provider.key_store import KeyPair
from codeflow.provider.models import AccessToken, AuthorizationCode, Client, RefreshToken
from codeflow.provider.models.client import AccessTokenFormat, RefreshTokenPolicy
from codeflow.provider.models.tokens import token_digest
from codeflow.provider.statements import Insert, Parameter, Select

_FIND_ACCESS_TOKEN = Select(
    AccessToken,
    lambda: AccessToken.objects.select_related("user", "application").filter(
        token_checksum=Parameter("token_checksum", AccessToken)
    ),
)
_NEW_ACCESS_TOKEN, _NEW_REFRESH_TOKEN = Insert(AccessToken), Insert(RefreshToken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who allowed which client what, and how they had authenticated when they did."""

    client: Client
    user: AbstractBaseUser
    scopes: tuple[str, ...]
    resource: tuple[str, ...]
    token_family: int
    session_id: int | None
    sid: str
    auth_time: datetime | None
    acr: str
    amr: str
    family_expires: datetime
    nonce: str = field(default="", repr=False)
    claims: str = ""
    """The `claims` parameter as it is stored."""

    @property
    def scope(self) -> str:
        return " ".join(self.scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTokens:
    """The values of tokens that are about to be stored as hashes."""

    access_token: str = field(repr=False)
    access_token_expires: datetime
    refresh_token: str = field(repr=False)
    """"" where the grant has none."""


def grant_of(
    row: AuthorizationCode | RefreshToken,
    client: Client,
    *,
    token_family: int,
    family_expires: datetime,
    nonce: str = "",
) -> Grant:
    """What a code or a refresh token stands for."""
    return Grant(
        client=client,
        user=row.user,
        scopes=tuple(row.scope.split()),
        resource=tuple(row.resource),
        token_family=token_family,
        session_id=row.session_id,
        sid=row.session.sid if row.session else "",
        auth_time=row.auth_time,
        acr=row.acr,
        amr=row.amr,
        nonce=nonce,
        claims=row.claims,
        family_expires=family_expires,
    )


def new_tokens(grant: Grant, key: KeyPair, *, with_refresh_token: bool) -> NewTokens:
    """Fresh values: 256 random bits each, in the characters of RFC 6750 2.1 and RFC 6749 A.17."""
    expires = timezone.now() + access_token_lifetime(grant.client)
    return NewTokens(
        access_token=_new_access_token(grant, key, expires),
        access_token_expires=expires,
        refresh_token=secrets.token_urlsafe(32) if with_refresh_token else "",
    )


def wants_refresh_token(grant: Grant) -> bool:
    """With openid, offline_access alone decides (OIDC Core 11); without it, the client's policy."""
    policy = grant.client.refresh_token_policy
    if policy == RefreshTokenPolicy.NEVER:
        return False
    if "offline_access" in grant.scopes:
        return True
    return "openid" not in grant.scopes and policy == RefreshTokenPolicy.ALWAYS


def store(grant: Grant, tokens: NewTokens, *, whole: Grant) -> None:
    """Writes the rows: the access token for `grant`, the refresh token for the `whole` that it may be a part of (RFC 6749
    6; RFC 8707 2.2).
    """
    shared = {
        "token_family": grant.token_family,
        "application": grant.client,
        "user_id": grant.user.pk,
        "session_id": grant.session_id,
    }
    _NEW_ACCESS_TOKEN.run(
        AccessToken(
            **shared,
            token_checksum=token_digest(tokens.access_token),
            scope=grant.scope,
            resource=list(grant.resource),
            claims=grant.claims,
            expires=tokens.access_token_expires,
        )
    )
    if tokens.refresh_token:
        _NEW_REFRESH_TOKEN.run(
            RefreshToken(
                **shared,
                token_checksum=token_digest(tokens.refresh_token),
                scope=whole.scope,
                resource=list(whole.resource),
                claims=whole.claims,
                auth_time=grant.auth_time,
                acr=grant.acr,
                amr=grant.amr,
                expires=min(timezone.now() + provider_settings.refresh_token_lifetime, grant.family_expires),
                family_expires=grant.family_expires,
            )
        )


def live_access_token(token: str) -> AccessToken | None:
    """The row of an access token that works right now, with its user and client: one statement, no memory (RFC 7662 2.2)."""
    row = _FIND_ACCESS_TOKEN.first(token_checksum=token_digest(token))
    if row is None or row.revoked is not None or row.expires <= timezone.now():
        return None
    return row if row.application.is_active and row.user.is_active else None


def token_response(grant: Grant, tokens: NewTokens, key: KeyPair) -> TokenResponse:
    """What the client gets: the ID token too where the grant is an OpenID one (OIDC Core 3.1.3.3)."""
    return TokenResponse(
        access_token=tokens.access_token,
        expires_in=max(0, round((tokens.access_token_expires - timezone.now()).total_seconds())),
        refresh_token=tokens.refresh_token,
        scope=grant.scope,
        id_token=_id_token(grant, tokens.access_token, key) if "openid" in grant.scopes else "",
    )


def id_token_claims(grant: Grant, access_token: str, alg: str) -> dict[str, Any]:
    """Who signed in and when, and none of the profile claims, which userinfo has (OIDC Core 2, 5.4)."""
    now = timezone.now()
    values: dict[str, Any] = {
        "iss": provider_settings.issuer,
        "sub": claims.subject(grant.user, grant.client),
        "aud": grant.client.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + provider_settings.id_token_lifetime).timestamp()),
        "auth_time": int(grant.auth_time.timestamp()) if grant.auth_time else None,
        "nonce": grant.nonce,
        "acr": grant.acr,
        "amr": grant.amr.split(),
        "sid": grant.sid,
        "at_hash": jose.left_half_hash(access_token, alg),
    }
    present = {name: value for name, value in values.items() if value not in (None, "", [])}
    asked = ClaimsParameter.parse(grant.claims).id_token
    return {**select(claims.known_claims(grant.user), asked), **present} if asked else present


def access_token_claims(grant: Grant, expires: datetime) -> dict[str, Any]:
    """The content of a JWT access token (RFC 9068 2.2)."""
    return {
        "iss": provider_settings.issuer,
        "sub": claims.subject(grant.user, grant.client),
        "aud": list(grant.resource) or provider_settings.issuer,
        "client_id": grant.client.client_id,
        "scope": grant.scope,
        "iat": int(timezone.now().timestamp()),
        "exp": int(expires.timestamp()),
        "jti": secrets.token_urlsafe(16),
    }


def access_token_lifetime(client: Client) -> timedelta:
    seconds = client.access_token_lifetime
    return provider_settings.access_token_lifetime if seconds is None else timedelta(seconds=seconds)


def _id_token(grant: Grant, access_token: str, key: KeyPair) -> str:
    content = id_token_claims(grant, access_token, key.alg)
    return jose.sign(content, key.private_key, alg=key.alg, kid=key.kid)


def _new_access_token(grant: Grant, key: KeyPair, expires: datetime) -> str:
    if grant.client.access_token_format != AccessTokenFormat.JWT:
        return secrets.token_urlsafe(32)
    return jose.sign(
        access_token_claims(grant, expires), key.private_key, alg=key.alg, kid=key.kid, typ="at+jwt"
    )  # RFC 9068 2.1
