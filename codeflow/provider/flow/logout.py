"""RP-initiated logout: check the request, end the session.

RP-Initiated Logout 2, 3, 4. The hint is believed by its signature, expired or not. Only this browser's session ends: its access tokens
and the refresh tokens got without offline_access, never another device's.
"""

from dataclasses import dataclass, field

from django.utils import timezone

from codeflow.core.authorization import Pairs, single_valued
from codeflow.core.errors import InvalidRequest, OAuthError
from codeflow.core.jose import JoseError
from codeflow.core.uris import add_parameters
from codeflow.provider import clients, keys, revocation
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import Client, ProviderSession

_MAX_STATE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequest:
    """A logout request whose parameters belong together."""

    client: Client | None
    hinted_sub: str
    hinted_sid: str
    post_logout_redirect_uri: str
    """"" or one that is registered for `client`."""
    state: str = field(repr=False)

    @property
    def return_uri(self) -> str:
        """Where to go afterwards, "" for our own page."""
        if not self.post_logout_redirect_uri:
            return ""
        return add_parameters(self.post_logout_redirect_uri, {"state": self.state} if self.state else {})


def check_logout_request(parameters: Pairs) -> LogoutRequest:
    """Raises InvalidRequest, always a page (RP-Initiated Logout 4)."""
    try:
        values = single_valued(parameters)
        hint = _check_hint(values.get("id_token_hint", ""))
        client = _check_client(values.get("client_id", ""), hint)
        return LogoutRequest(
            client=client,
            hinted_sub=str(hint.get("sub", "")),
            hinted_sid=str(hint.get("sid", "")),
            post_logout_redirect_uri=_check_redirect_uri(values.get("post_logout_redirect_uri", ""), client),
            state=_check_state(values.get("state", "")),
        )
    except OAuthError as error:
        error.redirectable = False
        raise


def end_session(session: ProviderSession) -> None:
    """Ends the row and what it was given, once; a code exchange under way either sees it or has its tokens revoked here."""
    if ProviderSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now()):
        revocation.end_session_grants(session)


def frontchannel_uris(session: ProviderSession) -> list[str]:
    """The addresses to load in the person's browser, each with iss and sid (Front-Channel Logout 2, 3)."""
    parameters = {"iss": provider_settings.issuer, "sid": session.sid}
    wanting = session.clients.filter(is_active=True).exclude(frontchannel_logout_uri="")
    return [add_parameters(client.frontchannel_logout_uri, parameters) for client in wanting]


def _check_hint(id_token_hint: str) -> dict[str, object]:
    if not id_token_hint:
        return {}
    try:
        claims = keys.verify_own(id_token_hint).claims
    except JoseError as error:
        raise InvalidRequest("id_token_hint is not an ID token of this server.", reason="id_token_hint") from error
    if claims.get("iss") != provider_settings.issuer:
        raise InvalidRequest("id_token_hint is not an ID token of this server.", reason="id_token_hint")
    return dict(claims)


def _check_client(client_id: str, hint: dict[str, object]) -> Client | None:
    audience = hint.get("aud", "")
    if client_id and audience and client_id != audience:
        raise InvalidRequest("client_id is not the one of the id_token_hint.", reason="client_mismatch")
    client_id = client_id or str(audience)
    if not client_id:
        return None
    known = clients.find_client(client_id)
    if known is None or not known.client.is_active:
        raise InvalidRequest("This server does not know an application with that key.", reason="unknown_client")
    return known.client


def _check_redirect_uri(uri: str, client: Client | None) -> str:
    if not uri:
        return ""
    if client is None:
        raise InvalidRequest("post_logout_redirect_uri needs an id_token_hint or a client_id.", reason="no_client")
    if not client.post_logout_redirect_uri_allowed(uri):
        error = InvalidRequest(
            "post_logout_redirect_uri is not one of those registered for this client.", reason="redirect_uri_mismatch"
        )
        error.client_id = client.client_id
        raise error
    return uri


def _check_state(state: str) -> str:
    if len(state) > _MAX_STATE:
        raise InvalidRequest("state is too long.", reason="too_long")
    return state
