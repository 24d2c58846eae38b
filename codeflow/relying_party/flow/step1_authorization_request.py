"""Step 1: make the Authorization Request and remember what its answer must prove.

OIDC Core 3.1.2.1, 5.5.1.1; RFC 6749 4.1.1; RFC 7636 4.1-4.3; RFC 9700 2.1.1, 4.7; Form Post Response Mode. Left out: request
objects, PAR, JARM.
"""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Self

from codeflow.core import pkce
from codeflow.core.authorization import AuthorizationRequest
from codeflow.core.metadata import ProviderMetadata
from codeflow.core.sealing import SealBroken, Sealer
from codeflow.core.uris import add_parameters
from codeflow.relying_party.flow.configuration import Provider

LIFE = 600
"""Seconds that a person has to come back."""

PURPOSE = "login attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What the sign-in must prove beyond who it is: a recent authentication, a class of it, a scope.

    `prompt` is sent in place of the provider's own ("none" asks without showing a page); None leaves that one.
    """

    max_age: int | None = None
    acr: str = ""
    scope: str = ""
    prompt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """One login attempt: made in step 1, carried by the browser (sealed), asked for in steps 4, 5 and 7."""

    provider: str
    issuer: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str
    scope: str
    next_url: str
    issued_at: float
    demand: Demand
    prompt: str = ""
    response_mode: str = ""
    link_to: str = ""
    """The key of the local user who asked to have the account linked; "" is a sign-in."""
    trial_by: str = ""
    """The key of the member of staff who only wants to see what a sign-in would bring."""

    def is_live(self, now: float) -> bool:
        return self.issued_at - 60 <= now < self.issued_at + LIFE

    def seal(self, sealer: Sealer) -> str:
        """The attempt as a cookie's value; it opens under the name for its own state alone."""
        document = json.dumps(asdict(self), separators=(",", ":")).encode()
        return sealer.seal(document, bound_to=cookie_name(self.state).encode())

    @classmethod
    def open(cls, sealed: str, name: str, sealer: Sealer) -> Self | None:
        """The attempt in the cookie `name`, or None where it is none of ours."""
        try:
            document = json.loads(sealer.open(sealed, bound_to=name.encode()))
            return cls(**{**document, "demand": Demand(**document["demand"])})
        except (SealBroken, ValueError, TypeError, KeyError):
            return None


COOKIE_PREFIX = "codeflow_login_"


def cookie_name(state: str) -> str:
    """The name of an attempt's cookie: a hash of its state, so that no attempt overwrites another."""
    return COOKIE_PREFIX + hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def new_login(
    provider: Provider,
    *,
    redirect_uri: str,
    next_url: str,
    now: float,
    demand: Demand | None = None,
    link_to: str = "",
    trial_by: str = "",
) -> PendingLogin:
    """A fresh attempt: state, nonce and verifier hold 256 random bits each (RFC 9700 4.7; RFC 7636 7.1)."""
    demand = demand or Demand()
    return PendingLogin(
        provider=provider.name,
        issuer=provider.issuer,
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        code_verifier=pkce.new_code_verifier(),
        redirect_uri=redirect_uri,
        scope=_joined(provider.requested_scope, demand.scope),
        next_url=next_url,
        issued_at=now,
        demand=demand,
        prompt=provider.prompt if demand.prompt is None else demand.prompt,
        response_mode=provider.response_mode,
        link_to=link_to,
        trial_by=trial_by,
    )


def authorization_url(
    pending: PendingLogin, provider: Provider, metadata: ProviderMetadata, *, login_hint: str = ""
) -> str:
    """Where the browser is sent."""
    acr = pending.demand.acr
    essential = acr if metadata.claims_parameter_supported else ""  # else as a wish; the answer is checked all the same
    request = AuthorizationRequest(
        response_type="code",
        client_id=provider.client_id,
        redirect_uri=pending.redirect_uri,
        scope=pending.scope,
        state=pending.state,
        nonce=pending.nonce,
        code_challenge=pkce.code_challenge(pending.code_verifier),
        code_challenge_method=pkce.S256,  # never plain (RFC 9700 2.1.1)
        prompt=pending.prompt,
        response_mode=pending.response_mode,
        login_hint=login_hint,
        max_age="" if pending.demand.max_age is None else str(pending.demand.max_age),
        acr_values="" if essential else acr,
        claims=_essential_acr(essential),
    )
    parameters = {**provider.authorization_parameters, **dict(request.to_parameters())}
    return add_parameters(metadata.authorization_endpoint, parameters)


def _essential_acr(acr: str) -> str:
    """The claims parameter that makes one of these classes a condition (OIDC Core 5.5.1.1); never beside acr_values."""
    wanted = {"id_token": {"acr": {"essential": True, "values": acr.split()}}}
    return json.dumps(wanted, separators=(",", ":")) if acr else ""


def _joined(scope: str, more: str) -> str:
    return " ".join(dict.fromkeys([*scope.split(), *more.split()]))
