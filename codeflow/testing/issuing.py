"""The tokens of a fake provider: ID tokens, RFC 9068 and opaque access tokens, logout tokens."""

from typing import Any

from codeflow.core import jose
from codeflow.testing.keys import ALG, KID, now, sign
from codeflow.testing.state import Grant, State, new_secret
from codeflow.testing.ways import Claims, merged

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
ID_TOKEN_LIFETIME = 300


def token_response(state: State, grant: Grant, *, refreshed: bool = False) -> dict[str, Any]:
    """RFC 6749 5.1; OIDC Core 3.1.3.3, 12.2."""
    access_token, refresh_token = new_secret("access"), new_secret("refresh")
    state.access_tokens[access_token] = grant
    state.refresh_tokens[refresh_token] = grant
    good = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": state.lifetime,
        "refresh_token": refresh_token,
        "scope": grant.scope,
        "id_token": id_token(state, grant, access_token, refreshed=refreshed),
    }
    return merged(good, state.ways.token)


def id_token(state: State, grant: Grant, access_token: str, *, refreshed: bool = False) -> str:
    good: Claims = {
        **grant.person.claims,
        "iss": state.registration.issuer,
        "sub": grant.person.sub,
        "aud": grant.client_id,
        "exp": now() + ID_TOKEN_LIFETIME,
        "iat": now(),
        "auth_time": grant.auth_time,
        "sid": grant.sid,
        "at_hash": jose.left_half_hash(access_token, ALG),
    }
    good |= {name: value for name, value in (("nonce", grant.nonce), ("acr", grant.acr)) if value}
    claims = merged(good, state.ways.claims | (state.ways.refreshed_claims if refreshed else {}))
    if state.ways.sign and not refreshed:
        return state.ways.sign(claims)
    return sign(claims, merged({"kid": KID, "typ": "JWT"}, state.ways.header))


def jwt_access_token(state: State, grant: Grant, *, lifetime: int, more: Claims) -> str:
    """RFC 9068 2.1, 2.2."""
    good: Claims = {
        "iss": state.registration.issuer,
        "exp": now() + lifetime,
        "aud": grant.audience,
        "sub": grant.person.sub,
        "client_id": grant.client_id,
        "iat": now(),
        "jti": new_secret("jti"),
        "auth_time": grant.auth_time,
        "scope": grant.scope,
    }
    return sign(merged(good, more), {"kid": KID, "typ": "at+jwt"})


def logout_token(state: State, grant: Grant, more: Claims) -> str:
    """Back-Channel Logout 2.4."""
    good: Claims = {
        "iss": state.registration.issuer,
        "sub": grant.person.sub,
        "aud": state.registration.client_id,
        "iat": now(),
        "exp": now() + 120,
        "jti": new_secret("jti"),
        "events": {LOGOUT_EVENT: {}},
        "sid": grant.sid,
    }
    claims = merged(merged(good, state.ways.logout_claims), more)
    return sign(claims, merged({"kid": KID, "typ": "logout+jwt"}, state.ways.logout_header))
