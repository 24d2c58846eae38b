"""Provider metadata: published by one role, read by the other.

OIDC Discovery 3; RFC 8414 2; RFC 9207 3; RP-Initiated Logout 2.1; Back-Channel Logout 2.1; Front-Channel Logout 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """The members codeflow publishes or reads, under their registered names. () and "" and None are: not stated."""

    issuer: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    userinfo_endpoint: str = ""
    jwks_uri: str = ""
    introspection_endpoint: str = ""
    revocation_endpoint: str = ""
    end_session_endpoint: str = ""
    scopes_supported: tuple[str, ...] = ()
    response_types_supported: tuple[str, ...] = ()
    response_modes_supported: tuple[str, ...] = ()
    grant_types_supported: tuple[str, ...] = ()
    acr_values_supported: tuple[str, ...] = ()
    subject_types_supported: tuple[str, ...] = ()
    id_token_signing_alg_values_supported: tuple[str, ...] = ()
    userinfo_signing_alg_values_supported: tuple[str, ...] = ()
    token_endpoint_auth_methods_supported: tuple[str, ...] = ()
    introspection_endpoint_auth_methods_supported: tuple[str, ...] = ()
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = ()
    code_challenge_methods_supported: tuple[str, ...] | None = None
    claims_supported: tuple[str, ...] = ()
    prompt_values_supported: tuple[str, ...] = ()
    ui_locales_supported: tuple[str, ...] = ()
    claims_parameter_supported: bool | None = None
    request_parameter_supported: bool | None = None
    request_uri_parameter_supported: bool | None = None
    authorization_response_iss_parameter_supported: bool | None = None
    backchannel_logout_supported: bool | None = None
    backchannel_logout_session_supported: bool | None = None
    frontchannel_logout_supported: bool | None = None
    frontchannel_logout_session_supported: bool | None = None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Reads the known members. Raises ValueError naming the member whose JSON type is wrong, or a missing issuer."""
        values: dict[str, Any] = {}
        for name, kind in _KINDS.items():
            if document.get(name) is not None:
                values[name] = _typed(name, kind, document[name])
        if "issuer" not in values:
            raise ValueError("issuer is missing")
        return cls(**values)

    def to_document(self) -> dict[str, Any]:
        """The members that are stated, as JSON values."""
        stated = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in stated.items()
            if value not in ("", (), None)
        }


_KINDS: Mapping[str, type] = {
    item.name: str if item.type == "str" or item.type is str else bool if "bool" in str(item.type) else tuple
    for item in fields(ProviderMetadata)
}


def _typed(name: str, kind: type, value: Any) -> Any:
    if kind is tuple:
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
    elif isinstance(value, kind):
        return value
    raise ValueError(f"{name} has the wrong type")
