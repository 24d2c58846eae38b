"""The Authorization Request and the Authorization Response, to and from parameters.

RFC 6749 4.1.1, 4.1.2, 4.1.2.1; OIDC Core 3.1.2.1; RFC 7636 4.3; RFC 9207 2; RFC 8707 2.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Self

from codeflow.core.errors import InvalidRequest

Pairs = Iterable[tuple[str, str]]
"""Decoded parameters in the order they came, repeated names included."""


def single_valued(parameters: Pairs, *, repeatable: frozenset[str] = frozenset()) -> dict[str, str]:
    """Each parameter's one value. Raises InvalidRequest where one not in `repeatable` comes twice (RFC 6749 3.1, 3.2).

    A parameter without a value counts as left out (RFC 6749 3.1). Repeatable ones are not in the result.
    """
    pairs = list(parameters)
    repeated = repeated_parameters(pairs) - repeatable
    if repeated:
        raise InvalidRequest("A parameter is given more than once.", detail=f"repeated: {sorted(repeated)!r}"[:200])
    return {name: value for name, value in pairs if value and name not in repeatable}


def repeated_parameters(parameters: Pairs) -> set[str]:
    """The names that come more than once."""
    return {name for name, count in Counter(name for name, _ in parameters).items() if count > 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """The parameters of an Authentication Request (OIDC Core 3.1.2.1), as they stand on the wire; "" is: not sent."""

    response_type: str = ""
    client_id: str = ""
    redirect_uri: str = ""
    scope: str | None = None
    """None is: not sent. An empty scope is another thing than none (RFC 6749 3.3)."""
    state: str = ""
    response_mode: str = ""
    nonce: str = field(default="", repr=False)
    code_challenge: str = ""
    code_challenge_method: str = ""
    display: str = ""
    prompt: str = ""
    max_age: str = ""
    ui_locales: str = ""
    claims_locales: str = ""
    id_token_hint: str = field(default="", repr=False)
    login_hint: str = field(default="", repr=False)
    acr_values: str = ""
    claims: str = ""
    request: str = field(default="", repr=False)
    request_uri: str = ""
    registration: str = ""
    resource: tuple[str, ...] = ()

    @classmethod
    def parse(cls, parameters: Pairs) -> Self:
        """Reads known parameters and ignores others (RFC 6749 3.1). Raises InvalidRequest on repeated ones."""
        pairs = list(parameters)
        values: dict[str, str | None] = dict(single_valued(pairs, repeatable=frozenset({"resource"})))
        known = {name: values[name] for name in _REQUEST_PARAMETERS & values.keys()}
        if "scope" not in known and any(name == "scope" for name, _ in pairs):
            known["scope"] = ""
        resource = tuple(value for name, value in pairs if name == "resource" and value)
        return cls(**known, resource=resource)  # type: ignore[arg-type]  # each value is a str, scope alone may be None

    def to_parameters(self) -> list[tuple[str, str]]:
        """Name and value of each parameter that is set, ready for a query or a form."""
        pairs = [(name, value) for name in _REQUEST_ORDER if (value := getattr(self, name))]
        if self.scope == "":
            pairs.append(("scope", ""))
        return pairs + [("resource", value) for value in self.resource]


_REQUEST_ORDER = tuple(item.name for item in fields(AuthorizationRequest) if item.name != "resource")
_REQUEST_PARAMETERS = frozenset(_REQUEST_ORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationResponse:
    """What comes back to the redirect_uri: a code, or an error (RFC 6749 4.1.2, 4.1.2.1), with `iss` (RFC 9207 2)."""

    code: str = field(default="", repr=False)
    error: str = ""
    error_description: str = ""
    error_uri: str = ""
    state: str = ""
    iss: str = ""

    @classmethod
    def parse(cls, parameters: Pairs) -> Self:
        """Reads the known parameters. Raises InvalidRequest where one of them comes twice (RFC 6749 3.1)."""
        pairs = [(name, value) for name, value in parameters if name in _RESPONSE_PARAMETERS]
        return cls(**single_valued(pairs))

    def to_parameters(self) -> Mapping[str, str]:
        """The parameters that are set, ready to be appended to a redirect_uri."""
        return {name: value for name in _RESPONSE_ORDER if (value := getattr(self, name))}


_RESPONSE_ORDER = tuple(item.name for item in fields(AuthorizationResponse))
_RESPONSE_PARAMETERS = frozenset(_RESPONSE_ORDER)
