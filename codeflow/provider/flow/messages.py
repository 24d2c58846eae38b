"""The values that one of the provider's steps hands to the next: each proves that its checks were made."""

from dataclasses import dataclass, field

from codeflow.provider.flow.claims_parameter import ClaimsParameter
from codeflow.provider.models import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the answer may go: a client, and a redirect_uri that is registered for it."""

    client: Client
    redirect_uri: str
    state: str = field(repr=False)
    form_post: bool = False
    """Whether the answer travels in a form instead of the address (Form Post Response Mode 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedAuthorizationRequest:
    """A request in which every parameter has been judged."""

    destination: Destination
    scopes: tuple[str, ...]
    nonce: str = field(repr=False)
    code_challenge: str
    prompts: frozenset[str]
    max_age: int | None
    """Seconds."""
    acr_values: tuple[str, ...]
    login_hint: str = field(repr=False)
    hinted_sub: str
    """The `sub` of the id_token_hint, "" without one."""
    resource: tuple[str, ...]
    claims: ClaimsParameter = field(default_factory=ClaimsParameter)

    @property
    def consent_scopes(self) -> tuple[str, ...]:
        """What the person is asked to allow: the scopes, and those that stand for claims asked for one by one."""
        return (*self.scopes, *sorted(self.claims.scopes - set(self.scopes)))

    @property
    def client(self) -> Client:
        return self.destination.client
