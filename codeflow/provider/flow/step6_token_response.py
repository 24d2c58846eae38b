"""Step 6: verify the code and issue the ID token and the access token.

RFC 6749 4.1.2, 4.1.3, 4.1.4, 5.2; OIDC Core 3.1.3.2, 3.1.3.3; RFC 7636 4.6; RFC 8707 2.2; RFC 9700 2.1.1, 4.5. The caller holds one
transaction around the whole and catches refusals inside it: all of it happens or none, except what a refusal may leave (a
replay's revocation, a code spent by its own client's mistake).
"""

from dataclasses import dataclass, replace

from django.utils import timezone

from codeflow.core import pkce
from codeflow.core.errors import InvalidGrant, InvalidRequest, InvalidTarget
from codeflow.core.token import TokenRequest, TokenResponse
from codeflow.provider import grants, revocation
from codeflow.provider.conf import provider_settings
from codeflow.provider.grants import Grant
from codeflow.provider.key_store import KeyPair
from codeflow.provider.models import AuthorizationCode, Client
from codeflow.provider.models.tokens import token_hash
from codeflow.provider.statements import Parameter, Select, Update

_FIND = Select(
    AuthorizationCode,
    lambda: AuthorizationCode.objects.select_related("user", "application", "session").filter(
        code_hash=Parameter("code_hash", AuthorizationCode)
    ),
)
_SPEND = Update(
    AuthorizationCode,
    lambda: AuthorizationCode.objects.filter(pk=Parameter("id", AuthorizationCode), redeemed_at=None),
    "redeemed_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemedCode:
    """A code that this request has spent; every check on it passed."""

    grant: Grant
    whole: Grant
    """What the code stands for, where the request asked for less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTokens:
    response: TokenResponse
    grant: Grant


def redeem_code(request: TokenRequest, client: Client, resource: tuple[str, ...] = ()) -> RedeemedCode:
    """The checks of OIDC Core 3.1.3.2 in an order that spends the code before it judges what only its holder can know.

    `resource` narrows the grant (RFC 8707 2.2). Raises InvalidRequest, InvalidGrant or InvalidTarget.
    """
    code = find_code(request, client)
    _check_not_redeemed(code)
    _check_not_expired(code)
    _check_user_and_client(code)
    granted_resource = _check_resource(code, resource)
    _spend(code)
    _check_redirect_uri(code, request)
    _check_code_verifier(code, request)
    family_expires = timezone.now() + provider_settings.refresh_token_absolute_lifetime
    whole = grants.grant_of(code, client, token_family=code.pk, family_expires=family_expires, nonce=code.nonce)
    return RedeemedCode(grant=replace(whole, resource=granted_resource), whole=whole)


def issue_tokens(redeemed: RedeemedCode, key: KeyPair) -> IssuedTokens:
    """Makes, stores and returns the tokens of a redeemed code."""
    grant = redeemed.grant
    tokens = grants.new_tokens(grant, key, with_refresh_token=grants.wants_refresh_token(grant))
    grants.store(grant, tokens, whole=redeemed.whole)
    return IssuedTokens(response=grants.token_response(grant, tokens, key), grant=grant)


def find_code(request: TokenRequest, client: Client) -> AuthorizationCode:
    """The row of the code, which must be this client's; another's is neither spent nor revoked (RFC 6749 4.1.3, 10.5)."""
    if not request.code:
        raise InvalidRequest("code is missing.", reason="code_missing")
    code = _FIND.first(code_hash=token_hash(request.code))
    if code is None:
        raise InvalidGrant(reason="unknown_code")
    if code.application_id != client.pk:
        raise InvalidGrant(reason="code_of_another_client")
    return code


def _check_not_redeemed(code: AuthorizationCode) -> None:
    if code.redeemed_at is not None:
        _refuse_replay(code)


def _check_not_expired(code: AuthorizationCode) -> None:
    if code.expires <= timezone.now():
        raise InvalidGrant(reason="code_expired")  # RFC 6749 4.1.2


def _check_user_and_client(code: AuthorizationCode) -> None:
    """Judged from the row just read, so that every process sees a deactivation at once."""
    if not code.user.is_active:
        raise InvalidGrant(reason="user_inactive")
    if not code.application.is_active:
        raise InvalidGrant(reason="client_inactive")
    if code.session is not None and code.session.ended_at is not None:
        raise InvalidGrant(reason="session_ended")


def _check_resource(code: AuthorizationCode, resource: tuple[str, ...]) -> tuple[str, ...]:
    if not set(resource) <= set(code.resource):
        raise InvalidTarget(reason="resource")  # RFC 8707 2.2
    return resource or tuple(code.resource)


def _spend(code: AuthorizationCode) -> None:
    """One atomic conditional update: of any number of requests with the same code, one gets past this line."""
    if not _SPEND.run(id=code.pk, redeemed_at=timezone.now()):
        _refuse_replay(code)


def _refuse_replay(code: AuthorizationCode) -> None:
    revocation.revoke_family(code.pk)  # RFC 6749 4.1.2: revoke what was issued from it
    raise InvalidGrant(reason="code_replayed")


def _check_redirect_uri(code: AuthorizationCode, request: TokenRequest) -> None:
    if request.redirect_uri != code.redirect_uri:
        raise InvalidGrant("redirect_uri is not the one of the authorization request.", reason="redirect_uri_mismatch")


def _check_code_verifier(code: AuthorizationCode, request: TokenRequest) -> None:
    if not code.code_challenge:
        if request.code_verifier:
            raise InvalidGrant("code_verifier was sent, but no code_challenge before.", reason="pkce_downgrade")
        return  # RFC 9700 4.8.2
    if not request.code_verifier:
        raise InvalidGrant("code_verifier is missing.", reason="pkce_missing")
    if not pkce.code_verifier_matches(request.code_verifier, code.code_challenge):
        raise InvalidGrant("code_verifier does not match.", reason="pkce_mismatch")  # RFC 7636 4.6
