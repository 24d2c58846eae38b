"""Signing out: here at once, then, as far as the provider allows, its tokens and its own session.

OIDC RP-Initiated Logout 2; RFC 7009. What happens here never waits for the provider.
"""

import secrets

from django.contrib.auth import logout
from django.http import HttpRequest

from codeflow.relying_party import signals
from codeflow.relying_party.addresses import post_logout_redirect_uri
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.errors import ConfigurationError, RelyingPartyError
from codeflow.relying_party.flow.configuration import Provider
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.flow.end_session import end_session_url
from codeflow.relying_party.grants import revoke
from codeflow.relying_party.models import RPSession
from codeflow.relying_party.sessions import forget_sessions, oidc_session


def sign_out(request: HttpRequest, *, everywhere: bool) -> str:
    """Ends the session and its grant. Returns where the provider's sign-out is, or "" where the browser stays here."""
    row = oidc_session(request).row
    logout(request)
    if row is None:
        return ""
    forget_sessions(RPSession.objects.filter(pk=row.pk))
    name = row.identity.provider_key
    signals.announce("logged_out", request=request, provider=name, user_pk=row.identity.user_id, everywhere=everywhere)
    try:
        provider = conf.provider(name)
    except ConfigurationError:  # taken out of the settings while people were signed in
        return ""
    if row.grant is not None:
        revoke(row.grant, provider)
    return _at_provider(request, row, provider) if everywhere else ""


def _at_provider(request: HttpRequest, row: RPSession, provider: Provider) -> str:
    held = row.grant.held if row.grant else None
    try:
        metadata = provider_metadata(provider, outside(provider))
    except RelyingPartyError as error:
        signals.announce_failure("logout_failed", error, request=request, provider=provider.name)
        return ""
    return end_session_url(
        provider,
        metadata,
        id_token=held.id_token if held else "",
        post_logout_redirect_uri=post_logout_redirect_uri(request),
        state=secrets.token_urlsafe(16),
    )
