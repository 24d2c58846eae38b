"""The part of oauthlib that is replaced: the two grant handlers behind DOT's token view.

oauthlib stores tokens before it spends the code, cannot spend a code on a wrong verifier, and writes token values to its debug
log. Its token and revocation endpoints stay; its other grants are not registered, so they do not exist here.
"""

import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, router
from oauthlib.common import Request
from oauthlib.oauth2 import BearerToken, ResourceEndpoint, RevocationEndpoint, TokenEndpoint

from codeflow.core.errors import InvalidGrant, InvalidRequest, OAuthError, UnsupportedGrantType
from codeflow.core.token import AUTHORIZATION_CODE, REFRESH_TOKEN, TokenRequest
from codeflow.provider import audit
from codeflow.provider.addresses import client_address
from codeflow.provider.flow import refresh, step6_client_authentication, step6_token_response
from codeflow.provider.flow.step6_client_authentication import AuthenticatedClient
from codeflow.provider.key_store import KeyPair
from codeflow.provider.keys import signing_key
from codeflow.provider.models import AccessToken
from codeflow.provider.validator import form_of
from codeflow.signals import REFUSED, digest
from codeflow.transactions import all_or_nothing

Answer = tuple[dict[str, str], str, int]
"""Headers, body and status, as oauthlib's handlers return them."""

Issue = Callable[
    [TokenRequest, AuthenticatedClient, KeyPair, tuple[str, ...]],
    "step6_token_response.IssuedTokens | refresh.RefreshedTokens",
]


class AuthorizationServer(TokenEndpoint, RevocationEndpoint, ResourceEndpoint):
    """What DOT's views drive: token, revocation, and bearer verification for DOT's own protected-resource views."""

    def __init__(self, request_validator: Any, token_expires_in: Any = None, **kwargs: Any) -> None:
        bearer = BearerToken(request_validator, expires_in=token_expires_in)
        TokenEndpoint.__init__(
            self,
            default_grant_type="",
            default_token_type=bearer,
            grant_types={
                AUTHORIZATION_CODE: TokenHandler(request_validator, "token.issued", redeem_and_issue),
                REFRESH_TOKEN: TokenHandler(request_validator, "token.refreshed", refresh_and_issue),
                "": UnknownGrant(),
            },
        )
        RevocationEndpoint.__init__(self, request_validator)
        ResourceEndpoint.__init__(self, default_token="Bearer", token_types={"Bearer": bearer})
        self.bearer = bearer


class TokenHandler:
    """One grant type: authenticate the client, then everything in one transaction."""

    def __init__(self, request_validator: Any, event: str, issue: Issue) -> None:
        self.request_validator = request_validator
        self.event = event
        self.issue = issue

    def create_token_response(self, request: Request, token_handler: BearerToken) -> Answer:
        """Raises OAuthError where the client is not authenticated; a refused grant is an answer, so that it commits."""
        authenticated = self.request_validator.authenticated(request)
        key = signing_key(authenticated.client.signing_algorithm)
        token_request = TokenRequest.parse(form_of(request))
        try:
            return all_or_nothing(
                lambda: self._answer(request, token_request, authenticated, key),
                using=router.db_for_write(AccessToken),
            )
        except IntegrityError:  # the client or the person was deleted while this ran
            return self._refused(request, token_request, authenticated, InvalidGrant(reason="deleted_meanwhile"))

    def _answer(
        self, request: Request, token_request: TokenRequest, authenticated: AuthenticatedClient, key: KeyPair
    ) -> Answer:
        try:
            with_tokens = self.issue(token_request, authenticated, key, _resources(request))
            answer = self._issued(request, token_request, authenticated, with_tokens)
        except OAuthError as refusal:
            answer = self._refused(request, token_request, authenticated, refusal)
        step6_client_authentication.note_use(authenticated)  # last: the secret's row is locked after the grant's
        return answer

    def _refused(
        self, request: Request, asked: TokenRequest, authenticated: AuthenticatedClient, refusal: OAuthError
    ) -> Answer:
        audit.record(
            "token.refused",
            outcome=REFUSED,
            step=6,
            address=client_address(request.headers),
            client_id=authenticated.client.client_id,
            reason=refusal.reason or refusal.error,
            digests=_digests(asked),
        )
        return {}, json.dumps(refusal.to_parameters()), refusal.status_code

    def _issued(self, request: Request, asked: TokenRequest, authenticated: AuthenticatedClient, issued: Any) -> Answer:
        audit.record(
            self.event,
            step=6,
            address=client_address(request.headers),
            client_id=authenticated.client.client_id,
            user_pk=issued.grant.user.pk,
            digests={**_digests(asked), "access_token": digest(issued.response.access_token)},
            details={
                "scope": issued.grant.scope,
                "checks": [
                    ("client_authentication", "one that is registered", authenticated.method, True),
                    ("code" if asked.code else "refresh_token", "this client's, unused, unexpired", "yes", True),
                    *([("redirect_uri", asked.redirect_uri, asked.redirect_uri, True)] if asked.code else []),
                    *([("pkce", "S256(code_verifier) = code_challenge", "equal", True)] if asked.code_verifier else []),
                ],
            },
        )
        return {}, json.dumps(issued.response.to_members()), 200


class UnknownGrant:
    """Refuses every other grant type before anything is looked up (RFC 9700 2.4)."""

    def create_token_response(self, request: Request, token_handler: BearerToken) -> Answer:
        if not request.grant_type:
            raise InvalidRequest("grant_type is missing.", reason="grant_type_missing")
        raise UnsupportedGrantType(reason="grant_type")


def redeem_and_issue(
    request: TokenRequest, authenticated: AuthenticatedClient, key: KeyPair, resource: tuple[str, ...]
) -> step6_token_response.IssuedTokens:
    """grant_type=authorization_code."""
    redeemed = step6_token_response.redeem_code(request, authenticated.client, resource)
    return step6_token_response.issue_tokens(redeemed, key)


def refresh_and_issue(
    request: TokenRequest, authenticated: AuthenticatedClient, key: KeyPair, resource: tuple[str, ...]
) -> refresh.RefreshedTokens:
    """grant_type=refresh_token."""
    return refresh.refresh_tokens(request, authenticated.client, key, resource)


def _resources(request: Request) -> tuple[str, ...]:
    return tuple(value for name, value in request.decoded_body or [] if name == "resource" and value)


def _digests(asked: TokenRequest) -> dict[str, str]:
    values = {"code": asked.code, "refresh_token": asked.refresh_token}
    return {name: digest(value) for name, value in values.items() if value}
