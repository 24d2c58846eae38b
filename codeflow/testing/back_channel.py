"""What the site's server asks a fake provider: metadata, keys, tokens, userinfo, introspection, and the APIs."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import jwt

from codeflow.core import pkce
from codeflow.testing.issuing import token_response
from codeflow.testing.keys import ALG, now, published_keys
from codeflow.testing.messages import Reply, Request
from codeflow.testing.state import Grant, State
from codeflow.testing.ways import merged

CONFIGURATION = "/.well-known/openid-configuration"


def serves(state: State, url: str) -> int:
    """How much of `url` names this provider or one of its APIs: characters, 0 for none of it."""
    bases = [f"{state.registration.base}/", *state.registration.apis.values()]
    return max((len(base) for base in bases if url.startswith(base)), default=0)


def answer(state: State, request: Request) -> Reply:
    state.requests.append(request)
    name, good = _endpoint(state, request)
    return state.ways.replies[name](request) if name in state.ways.replies else good(state, request)


def _endpoint(state: State, request: Request) -> tuple[str, Callable[[State, Request], Reply]]:
    path = request.url.partition("?")[0].removeprefix(state.registration.base)
    if path in _ENDPOINTS:
        name, good = _ENDPOINTS[path]
        return ("refresh" if name == "token" and request.form.get("grant_type") == "refresh_token" else name), good
    if any(request.url.startswith(base) for base in state.registration.apis.values()):
        return "api", _api
    return "", _not_found


def metadata(state: State) -> dict[str, Any]:
    base = state.registration.base
    good = {
        "issuer": state.registration.issuer,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "userinfo_endpoint": f"{base}/userinfo",
        "jwks_uri": f"{base}/jwks",
        "introspection_endpoint": f"{base}/introspect",
        "revocation_endpoint": f"{base}/revoke",
        "end_session_endpoint": f"{base}/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": [pkce.S256],
        "id_token_signing_alg_values_supported": [ALG],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }
    return merged(good, state.ways.metadata)


def _metadata(state: State, request: Request) -> Reply:
    return Reply.json(metadata(state))


def _jwks(state: State, request: Request) -> Reply:
    return Reply.json(published_keys() if state.ways.jwks is None else state.ways.jwks)


def _token(state: State, request: Request) -> Reply:
    if not _client_is_known(state, request):
        return Reply.json({"error": "invalid_client"}, 401)
    if request.form.get("grant_type") == "refresh_token":
        grant = state.refresh_tokens.pop(request.form.get("refresh_token", ""), None)
        return Reply.json(token_response(state, grant, refreshed=True)) if grant else _invalid_grant()
    grant = state.codes.pop(request.form.get("code", ""), None)
    if grant is None or not _belongs_to(grant, request):
        return _invalid_grant()
    return Reply.json(token_response(state, grant))


def _belongs_to(grant: Grant, request: Request) -> bool:
    """RFC 6749 4.1.3; RFC 7636 4.6."""
    return grant.redirect_uri == request.form.get("redirect_uri") and pkce.code_verifier_matches(
        request.form.get("code_verifier", ""), grant.code_challenge
    )


def _client_is_known(state: State, request: Request) -> bool:
    """Basic, post and none as registered; an assertion by its `iss` (the fake knows no key of the site)."""
    mine, form = state.registration, request.form
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        client_id, _, secret = base64.b64decode(value).decode("utf-8", "replace").partition(":")
        return (unquote_plus(client_id), unquote_plus(secret)) == (mine.client_id, mine.client_secret)
    if "client_assertion" in form:
        claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
        return bool(claims.get("iss") == claims.get("sub") == mine.client_id)
    return (form.get("client_id"), form.get("client_secret", "")) == (mine.client_id, mine.client_secret)


def _invalid_grant() -> Reply:
    return Reply.json({"error": "invalid_grant"}, 400)


def _userinfo(state: State, request: Request) -> Reply:
    grant = state.access_tokens.get(request.bearer)
    if grant is None:
        return _invalid_token()
    return Reply.json(merged({**grant.person.claims, "sub": grant.person.sub}, state.ways.userinfo))


def _introspect(state: State, request: Request) -> Reply:
    """RFC 7662 2.2."""
    if not _client_is_known(state, request):
        return Reply.json({"error": "invalid_client"}, 401)
    grant = state.access_tokens.get(request.form.get("token", ""))
    if grant is None:
        return Reply.json({"active": False})
    return Reply.json(
        {
            "active": True,
            "iss": state.registration.issuer,
            "sub": grant.person.sub,
            "client_id": grant.client_id,
            "scope": grant.scope,
            "aud": grant.audience or grant.client_id,
            "exp": now() + state.lifetime,
            "token_type": "Bearer",
        }
    )


def _revoke(state: State, request: Request) -> Reply:
    state.refresh_tokens.pop(request.form.get("token", ""), None)
    return Reply(status=200)


def _api(state: State, request: Request) -> Reply:
    if request.bearer not in state.access_tokens:
        return _invalid_token()
    found = _api_answer(state, request)
    value = found(request) if callable(found) else found
    return value if isinstance(value, Reply) else Reply.json(value)


def _api_answer(state: State, request: Request) -> Any:
    """Of the API whose address fits best: "METHOD /path", then "/path", both relative to that address."""
    fitting = [item for item in state.registration.apis.items() if request.url.startswith(item[1])]
    name, base = max(fitting, key=lambda item: len(item[1]))
    path = request.path.removeprefix(urlsplit(base).path.rstrip("/"))
    routes = state.apis.get(name, {})
    return routes.get(f"{request.method} {path}", routes.get(path, Reply.json({"error": "not_found"}, 404)))


def _invalid_token() -> Reply:
    return Reply.json({"error": "invalid_token"}, 401, WWW_Authenticate='Bearer error="invalid_token"')


def _not_found(state: State, request: Request) -> Reply:
    return Reply.json({"error": "not_found"}, 404)


_ENDPOINTS = {
    CONFIGURATION: ("metadata", _metadata),
    "/jwks": ("jwks", _jwks),
    "/token": ("token", _token),
    "/userinfo": ("userinfo", _userinfo),
    "/introspect": ("introspect", _introspect),
    "/revoke": ("revoke", _revoke),
}
