"""Step 2, first half: validate the Authentication Request.

RFC 6749 3.1, 3.1.2, 3.3, 4.1.1, 4.1.2.1; OIDC Core 3.1.2.1, 3.1.2.2, 3.1.2.6, 6, 7; RFC 7636 4.3, 4.4; RFC 8707 2; RFC 9700 2.1.
Until client and redirect_uri are known to belong together, an error is a page; afterwards it goes to the redirect_uri.
"""

import re

from codeflow.core import pkce
from codeflow.core.authorization import AuthorizationRequest, Pairs, repeated_parameters
from codeflow.core.errors import (
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    OAuthError,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from codeflow.core.jose import JoseError
from codeflow.core.redirect_uris import redirect_uri_problem
from codeflow.core.uris import MAX_REDIRECT_URI
from codeflow.provider import clients, keys
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow.claims_parameter import ClaimsParameter
from codeflow.provider.flow.messages import CheckedAuthorizationRequest, Destination
from codeflow.provider.models import Client

QUERY, FORM_POST = "query", "form_post"
RESPONSE_MODES = (QUERY, FORM_POST)

PROMPTS = frozenset({"none", "login", "consent", "select_account"})

_MAX_LENGTH = {"client_id": 255, "redirect_uri": MAX_REDIRECT_URI, "scope": 4096, "state": 4096, "nonce": 2048}
_MAX_OTHER = 16_384
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
_DIGITS = re.compile(r"[0-9]{1,9}")
_PAGE_WHEN_REPEATED = frozenset({"client_id", "redirect_uri", "state"})


def check_destination(parameters: list[tuple[str, str]]) -> Destination:
    """Client and redirect_uri, in the order of RFC 6749 4.1.2.1. Raises OAuthError with `redirectable` False: show a page."""
    try:
        values = _single_destination(parameters)
        client = _known_client(values.get("client_id", ""))
        redirect_uri = _registered_redirect_uri(values.get("redirect_uri", ""), client)
    except OAuthError as error:
        error.redirectable = False
        raise
    form_post = [value for name, value in parameters if name == "response_mode"] == [FORM_POST]
    return Destination(client=client, redirect_uri=redirect_uri, state=values.get("state", ""), form_post=form_post)


def check_request(destination: Destination, parameters: Pairs) -> CheckedAuthorizationRequest:
    """Everything else, in the order of OIDC Core 3.1.2.1 and 3.1.2.2. Raises OAuthError: answer to the redirect_uri."""
    pairs = list(parameters)
    _check_lengths_and_characters(pairs)
    request = AuthorizationRequest.parse(pairs)
    _check_response_type(request)
    _check_response_mode(request)
    _check_unsupported(request)
    scopes = _check_scope(request, destination.client)
    code_challenge = _check_pkce(request, destination.client)
    return CheckedAuthorizationRequest(
        destination=destination,
        scopes=scopes,
        nonce=request.nonce,
        code_challenge=code_challenge,
        prompts=_check_prompt(request),
        max_age=_check_max_age(request),
        acr_values=tuple(request.acr_values.split()),
        login_hint=request.login_hint[:254],
        hinted_sub=_check_id_token_hint(request),
        resource=_check_resource(request),
        claims=ClaimsParameter.parse(request.claims).within(
            destination.client.allowed_scopes & provider_settings.scopes.keys()
        ),
    )


def _single_destination(parameters: list[tuple[str, str]]) -> dict[str, str]:
    repeated = repeated_parameters(parameters) & _PAGE_WHEN_REPEATED
    if repeated:
        raise InvalidRequest(f"{min(repeated)} is given more than once.", reason="repeated")  # RFC 6749 3.1
    values = {name: value for name, value in parameters if name in _PAGE_WHEN_REPEATED}
    for name, value in values.items():
        if len(value) > _MAX_LENGTH[name]:
            raise InvalidRequest(f"{name} is too long.", reason="too_long")
    return values


def _known_client(client_id: str) -> Client:
    if not client_id:
        raise InvalidRequest("client_id is missing.", reason="client_id_missing")  # RFC 6749 4.1.1
    known = None if _CONTROL.search(client_id) else clients.find_client(client_id)
    if known is None or not known.client.is_active:
        raise InvalidRequest("This server does not know an application with that key.", reason="unknown_client")
    return known.client


def _registered_redirect_uri(redirect_uri: str, client: Client) -> str:
    if not redirect_uri:
        raise InvalidRequest("redirect_uri is missing.", reason="redirect_uri_missing")  # OIDC Core 3.1.2.1: REQUIRED
    if not client.redirect_uri_allowed(redirect_uri):
        raise InvalidRequest(
            "redirect_uri is not one of those registered for this client.", reason="redirect_uri_mismatch"
        )  # RFC 9700 2.1
    if redirect_uri_problem(redirect_uri, public_client=client.is_public):
        raise InvalidRequest("redirect_uri is not safe to use.", reason="redirect_uri_unsafe")  # RFC 9700 4.1
    return redirect_uri


def _check_lengths_and_characters(pairs: list[tuple[str, str]]) -> None:
    for name, value in pairs:
        if len(value) > _MAX_LENGTH.get(name, _MAX_OTHER):
            raise InvalidRequest("A parameter is too long.", reason="too_long")
        if _CONTROL.search(value) and name != "scope":
            raise InvalidRequest("A parameter holds a control character.", reason="control_character")


def _check_response_type(request: AuthorizationRequest) -> None:
    if not request.response_type:
        raise InvalidRequest("response_type is missing.", reason="response_type_missing")  # RFC 6749 3.1.1
    if request.response_type != "code":
        raise UnsupportedResponseType(reason="response_type")  # RFC 9700 2.1.2


def _check_response_mode(request: AuthorizationRequest) -> None:
    if request.response_mode not in ("", *RESPONSE_MODES):
        raise InvalidRequest("response_mode must be query or form_post.", reason="response_mode")  # Response Types 2.1


def _check_unsupported(request: AuthorizationRequest) -> None:
    if request.request:
        raise RequestNotSupported  # OIDC Core 3.1.2.6, 6.1
    if request.request_uri:
        raise RequestUriNotSupported  # OIDC Core 3.1.2.6, 6.2: and nothing is ever fetched
    if request.registration:
        raise RegistrationNotSupported  # OIDC Core 3.1.2.6, 7.2.1


def _check_scope(request: AuthorizationRequest, client: Client) -> tuple[str, ...]:
    """The scopes to be granted, in the order asked, each once (RFC 6749 3.3; OIDC Core 3.1.2.1, 11)."""
    if request.scope is None:
        scopes = provider_settings.default_scopes
    elif _SCOPE.fullmatch(request.scope):
        scopes = tuple(dict.fromkeys(request.scope.split(" ")))
    else:
        raise InvalidScope("The scope is empty or malformed.", reason="scope_malformed")
    if not scopes:
        raise InvalidScope("The scope is missing.", reason="scope_missing")
    known = provider_settings.scopes
    unknown = [scope for scope in scopes if scope not in known]
    if unknown and "openid" not in scopes:
        raise InvalidScope(f"The scope {unknown[0][:64]} is not known here.", reason="scope_unknown")
    allowed = client.allowed_scopes
    granted = tuple(scope for scope in scopes if scope in known and (scope in allowed or scope != "offline_access"))
    for scope in granted:
        if scope not in allowed:
            raise InvalidScope(f"The scope {scope[:64]} is not allowed for this client.", reason="scope_not_allowed")
    if not granted:
        raise InvalidScope(reason="scope_not_allowed")
    return granted


def _check_pkce(request: AuthorizationRequest, client: Client) -> str:
    if not request.code_challenge:
        if request.code_challenge_method:
            raise InvalidRequest("code_challenge is missing.", reason="pkce")
        if client.needs_pkce:
            raise InvalidRequest("PKCE is required: send code_challenge, code_challenge_method=S256.", reason="pkce")
        return ""  # RFC 9700 2.1.1: only confidential clients are ever exempt
    if request.code_challenge_method != pkce.S256:
        raise InvalidRequest("code_challenge_method must be S256.", reason="pkce")  # RFC 7636 4.3: omitted means plain
    if not pkce.is_code_challenge(request.code_challenge):
        raise InvalidRequest("code_challenge must be 43 base64url characters.", reason="pkce")  # RFC 7636 4.2
    return request.code_challenge


def _check_prompt(request: AuthorizationRequest) -> frozenset[str]:
    prompts = frozenset(request.prompt.split())
    if not prompts <= PROMPTS:
        raise InvalidRequest("prompt holds an unknown value.", reason="prompt")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequest("prompt=none stands alone.", reason="prompt")  # OIDC Core 3.1.2.1
    return prompts


def _check_max_age(request: AuthorizationRequest) -> int | None:
    if not request.max_age:
        return None
    if not _DIGITS.fullmatch(request.max_age):
        raise InvalidRequest("max_age must be a number of seconds.", reason="max_age")
    return int(request.max_age)


def _check_id_token_hint(request: AuthorizationRequest) -> str:
    """The hinted `sub`: genuine by its signature, expired or not, for whichever client (OIDC Core 3.1.2.1, 3.1.2.2)."""
    if not request.id_token_hint:
        return ""
    try:
        claims = keys.verify_own(request.id_token_hint).claims
    except JoseError as error:
        raise InvalidRequest("id_token_hint is not an ID token of this server.", reason="id_token_hint") from error
    if claims.get("iss") != provider_settings.issuer or not isinstance(claims.get("sub"), str):
        raise InvalidRequest("id_token_hint is not an ID token of this server.", reason="id_token_hint")
    sub: str = claims["sub"]
    return sub


def _check_resource(request: AuthorizationRequest) -> tuple[str, ...]:
    if set(request.resource) - provider_settings.resources:
        raise InvalidTarget(reason="resource")  # RFC 8707 2
    return tuple(dict.fromkeys(request.resource))
