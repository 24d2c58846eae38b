"""One sign-in from the first redirect to the session: steps 1, 4, 5 and 7 in their order, each announced.

What a step refuses becomes one error with one reference; nothing was written then, and the attempt is spent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest

from codeflow.core import pkce
from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party import signals
from codeflow.relying_party.backends import LocalUser, SignIn
from codeflow.relying_party.errors import ConfigurationError, NotAllowed
from codeflow.relying_party.flow.configuration import Outside, Provider
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.flow.step1_authorization_request import (
    Demand,
    PendingLogin,
    authorization_url,
    new_login,
)
from codeflow.relying_party.flow.step4_authorization_response import CheckedResponse, Pairs, check_response
from codeflow.relying_party.flow.step5_token_request import ReceivedTokens, request_tokens
from codeflow.relying_party.flow.step7_id_token import Subject, check_id_token
from codeflow.relying_party.flow.userinfo import UserInfo, is_wanted, merged_claims, request_userinfo
from codeflow.relying_party.sessions import begin_session


def begin(
    request: HttpRequest,
    provider: Provider,
    world: Outside,
    *,
    redirect_uri: str,
    next_url: str,
    demand: Demand,
    login_hint: str = "",
    link_to: str = "",
    trial_by: str = "",
) -> tuple[PendingLogin, str]:
    """Step 1: the attempt to remember, and where to send the browser."""
    metadata = provider_metadata(provider, world)
    pending = new_login(
        provider,
        redirect_uri=redirect_uri,
        next_url=next_url,
        now=world.clock(),
        demand=demand,
        link_to=link_to,
        trial_by=trial_by,
    )
    url = authorization_url(pending, provider, metadata, login_hint=login_hint)
    signals.announce(
        "login_started",
        request=request,
        provider=provider.name,
        client_id=provider.client_id,
        step=1,
        values={
            "state": pending.state,
            "nonce": pending.nonce,
            "code_verifier": pending.code_verifier,
            "code_challenge": pkce.code_challenge(pending.code_verifier),
        },
        spec="OIDC Core 3.1.2.1; RFC 7636 4.3",
        made=["state", "nonce", "code_verifier", "code_challenge", "attempt cookie"],
        redirect_uri=redirect_uri,
        scope=pending.scope,
    )
    return pending, url


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Who the provider says came back, every check passed; nothing has been done with it."""

    subject: Subject
    claims: Mapping[str, Any] = field(repr=False)
    tokens: ReceivedTokens = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One callback's way through steps 4, 5 and 7."""

    request: HttpRequest
    provider: Provider
    pending: PendingLogin
    world: Outside
    metadata: ProviderMetadata = field(repr=False)

    def complete(self, parameters: Pairs, response_mode: str) -> LocalUser:
        """Signs the person in. Raises RelyingPartyError; then nothing about the session has changed."""
        self._check_person()
        found = self.identify(parameters, response_mode)
        sign_in = SignIn(
            provider=self.provider, subject=found.subject, claims=found.claims, link_to=self.pending.link_to
        )
        user = self._authenticate(sign_in)
        begin_session(self.request, user, sign_in.found[0], found.subject, found.tokens)
        self._announce("login_succeeded", 7, user_pk=user.pk, values={"state": self.pending.state})
        return user

    def identify(self, parameters: Pairs, response_mode: str) -> Identified:
        """Steps 4, 5 and 7 up to who it is. Raises RelyingPartyError."""
        checked = self._check_response(parameters, response_mode)
        tokens = self._request_tokens(checked)
        subject = self._check_id_token(tokens, checked)
        userinfo = self._request_userinfo(tokens, subject)
        return Identified(subject=subject, claims=merged_claims(subject, userinfo), tokens=tokens)

    def _check_person(self) -> None:
        """A link is finished by the person who began it and by nobody else (RFC 9700 4.7)."""
        if self.pending.link_to and self.pending.link_to != str(self.request.user.pk):
            raise NotAllowed("link.other_user", "another local user began this link, or nobody is signed in any more")

    def _check_response(self, parameters: Pairs, response_mode: str) -> CheckedResponse:
        checked = check_response(
            self.pending,
            parameters,
            response_mode=response_mode,
            provider=self.provider,
            metadata=self.metadata,
            now=self.world.clock(),
        )
        values = {"state": self.pending.state, "code": checked.code}
        self._announce("response_checked", 4, values=values, checks=checked.checks, spec="RFC 6749 4.1.2; RFC 9207 2.4")
        return checked

    def _request_tokens(self, checked: CheckedResponse) -> ReceivedTokens:
        values = {"state": self.pending.state, "code": checked.code, "code_verifier": self.pending.code_verifier}
        self._announce("token_requested", 5, values=values, spec="RFC 6749 4.1.3; RFC 7636 4.5")
        tokens = request_tokens(checked, provider=self.provider, metadata=self.metadata, outside=self.world)
        answered = {"code": checked.code, "access_token": tokens.response.access_token}
        answered |= {"refresh_token": tokens.response.refresh_token, "id_token": tokens.response.id_token}
        self._announce(
            "tokens_received",
            5,
            values=answered,
            checks=tokens.checks,
            spec="RFC 6749 5.1; OIDC Core 3.1.3.3",
            auth_method=tokens.auth_method,
            scope=tokens.scope,
            expires_in=tokens.response.expires_in,
            clock_skew=tokens.clock_skew,
        )
        return tokens

    def _check_id_token(self, tokens: ReceivedTokens, checked: CheckedResponse) -> Subject:
        subject = check_id_token(
            tokens,
            self.pending,
            provider=self.provider,
            metadata=self.metadata,
            outside=self.world,
            code=checked.code,
        )
        values = {"id_token": tokens.response.id_token, "nonce": self.pending.nonce}
        self._announce("id_token_checked", 7, values=values, checks=subject.checks, spec="OIDC Core 3.1.3.7")
        return subject

    def _request_userinfo(self, tokens: ReceivedTokens, subject: Subject) -> UserInfo:
        if not is_wanted(self.provider, self.metadata, tokens):
            return UserInfo(claims={})
        userinfo = request_userinfo(tokens, subject, provider=self.provider, metadata=self.metadata, outside=self.world)
        if userinfo.problem:
            signals.logger.warning("no userinfo: provider=%s detail=%s", self.provider.name, userinfo.problem)
        self._announce(
            "userinfo_received",
            7,
            values={"access_token": tokens.response.access_token},
            checks=userinfo.checks,
            spec="OIDC Core 5.3",
            claims=sorted(userinfo.claims)[:50],
            problem=userinfo.problem,
        )
        return userinfo

    def _authenticate(self, sign_in: SignIn) -> LocalUser:
        user = authenticate(self.request, sign_in=sign_in)
        if user is None or not sign_in.found:
            raise ConfigurationError(
                "configuration.backend", "no OpenIDConnectBackend in AUTHENTICATION_BACKENDS decided"
            )
        return user

    def _announce(self, name: str, step: int, **facts: object) -> None:
        signals.announce(
            name,
            request=self.request,
            provider=self.provider.name,
            client_id=self.provider.client_id,
            step=step,
            **facts,  # type: ignore[arg-type]  # announce's own keywords and free details
        )
