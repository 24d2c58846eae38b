"""Step 3: issue the authorization code and send the answer back through the user agent.

RFC 6749 4.1.2, 4.1.2.1, 10.10; OIDC Core 3.1.2.5, 3.1.2.6; RFC 9207 2; RFC 9700 4.5.
"""

import secrets
from datetime import timedelta

from django.db import IntegrityError, router, transaction
from django.utils import timezone

from codeflow.core.authorization import AuthorizationResponse
from codeflow.core.errors import InvalidRequest, OAuthError
from codeflow.core.uris import add_parameters
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow.messages import CheckedAuthorizationRequest, Destination
from codeflow.provider.models import AuthorizationCode, Client, ProviderSession
from codeflow.provider.models.tokens import token_hash
from codeflow.provider.statements import Insert

_NEW = Insert(AuthorizationCode)


def issue_code(
    request: CheckedAuthorizationRequest, session: ProviderSession, *, decision_id: str | None = None
) -> str:
    """A code with 256 random bits; only its hash is stored. `decision_id` names the consent page that led here, if any.

    Raises InvalidRequest (a page) where that page has led to a code already.
    """
    code = secrets.token_urlsafe(32)
    try:
        with transaction.atomic(using=router.db_for_write(AuthorizationCode), savepoint=decision_id is not None):
            _NEW.run(_code_row(request, session, code, decision_id))
    except IntegrityError as error:
        raise InvalidRequest(
            "This page has been answered already.", redirectable=False, reason="decision_replayed"
        ) from error
    if not request.client.subjects_given:
        Client.objects.filter(pk=request.client.pk).update(subjects_given=True)
        request.client.subjects_given = True
    return code


def _code_row(
    request: CheckedAuthorizationRequest, session: ProviderSession, code: str, decision_id: str | None
) -> AuthorizationCode:
    return AuthorizationCode(
        code_hash=token_hash(code),
        application=request.client,
        user_id=session.user_id,
        expires=timezone.now() + min(provider_settings.code_lifetime, timedelta(minutes=10)),  # RFC 6749 4.1.2
        redirect_uri=request.destination.redirect_uri,
        scope=" ".join(request.scopes),
        code_challenge=request.code_challenge,
        nonce=request.nonce,
        claims=request.claims.to_text(),
        resource=list(request.resource),
        decision_id=decision_id,
        session=session,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=session.amr,
    )


def success(destination: Destination, code: str) -> AuthorizationResponse:
    """code, state and iss."""
    return AuthorizationResponse(code=code, state=destination.state, iss=provider_settings.issuer)


def failure(destination: Destination, error: OAuthError) -> AuthorizationResponse:
    """error, error_description, state and iss, which errors carry too (RFC 9207 2)."""
    return AuthorizationResponse(
        error=error.error,
        error_description=error.description,
        state=destination.state,
        iss=provider_settings.issuer,
    )


def response_uri(destination: Destination, response: AuthorizationResponse) -> str:
    """The redirect_uri with the answer in its query."""
    return add_parameters(destination.redirect_uri, response.to_parameters())
