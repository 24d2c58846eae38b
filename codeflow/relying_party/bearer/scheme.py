"""What one API asks of its callers, and how a request meets it: the part that every framework's class shares.

RFC 6750 2.1, 3, 3.1; RFC 9728 5.1.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from codeflow.core.errors import InsufficientScope, InvalidRequest, InvalidToken, OAuthError, TemporarilyUnavailable
from codeflow.relying_party import signals
from codeflow.relying_party.bearer.access_token import AccessToken, check_jwt
from codeflow.relying_party.bearer.introspection import introspect
from codeflow.relying_party.bearer.resource_metadata import metadata_url
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.errors import ConfigurationError, RelyingPartyError
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.models import Identity, subject_key

LONGEST = 16 * 1024
"""Characters of a token; servers refuse longer headers anyway."""


class MissingToken(InvalidToken):
    """The request carried no token at all: its challenge names no error (RFC 6750 3.1)."""

    default_description = "An access token is needed."


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerScheme:
    """`audience` is this API's own name at the provider (its resource identifier); `scope` is space separated."""

    provider: str
    audience: str
    scope: str = ""
    introspect: bool = False
    """Ask the provider about every token, so that opaque and revoked ones are told apart; otherwise JWTs alone."""

    def __post_init__(self) -> None:
        if not self.audience:
            raise ConfigurationError("bearer.audience", "an API without an audience takes other APIs' tokens")

    def access_token(self, request: HttpRequest) -> AccessToken:
        """The request's token. Raises OAuthError: InvalidRequest, InvalidToken, InsufficientScope, or a 503."""
        try:
            token = self._judged(bearer_token(request))
        except RelyingPartyError as error:
            if isinstance(error, ConfigurationError):
                raise
            signals.logger.warning("no token could be judged: provider=%s detail=%s", self.provider, error)
            raise TemporarilyUnavailable(detail=str(error)) from error
        except InvalidToken as error:
            signals.logger.info("token refused: provider=%s detail=%s", self.provider, error.detail)
            raise
        if not token.has_scope(self.scope):
            raise InsufficientScope(detail=f"needs {self.scope}")
        return token

    def _judged(self, text: str) -> AccessToken:
        provider, world = conf.provider(self.provider), outside()
        judge = introspect if self.introspect else check_jwt
        metadata = provider_metadata(provider, world)
        return judge(text, audience=self.audience, provider=provider, metadata=metadata, outside=world)

    def challenge(self, error: OAuthError | None = None) -> str:
        """The value of WWW-Authenticate."""
        members = {} if error is None or isinstance(error, MissingToken) else error.to_parameters()
        if self.scope and not isinstance(error, InvalidRequest):
            members["scope"] = self.scope
        if url := published_metadata(self.audience):
            members["resource_metadata"] = url  # RFC 9728 5.1
        parts = ", ".join(f'{name}="{value}"' for name, value in members.items())
        return f"Bearer {parts}".strip()


def bearer_token(request: HttpRequest) -> str:
    """The token of the Authorization header, the only place it is taken from (RFC 6750 5.3)."""
    if "access_token" in request.GET:
        raise InvalidRequest("Send the access token in the Authorization header.", reason="token_in_query")
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise MissingToken(reason="no_token")
    token = value.strip()
    if not token or len(token) > LONGEST or not token.isascii() or " " in token or "," in token:
        raise InvalidRequest("The Authorization header holds no token.", reason="malformed")
    return token


def local_user(token: AccessToken) -> Any:
    """The user who signed in here as the token's subject, or None. Raises InvalidToken where they may not act."""
    key = subject_key(token.iss, token.sub)
    identity = Identity.objects.select_related("user").filter(subject_key=key).first()
    if identity is None:
        return None
    if not getattr(identity.user, "is_active", True):
        raise InvalidToken(detail="the local user is not active", reason="inactive")
    return identity.user


def published_metadata(audience: str) -> str:
    """Where this site publishes the metadata of `audience`, "" where it does not."""
    url = metadata_url(audience)
    try:
        view = resolve(urlsplit(url).path).func if url else None
    except Resolver404:
        view = None
    return url if getattr(view, "codeflow_resource", "") == audience else ""
