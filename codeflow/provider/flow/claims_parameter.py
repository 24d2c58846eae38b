"""The `claims` parameter: claims asked for one by one, at userinfo or in the ID token.

OIDC Core 5.5, 5.5.1, 5.5.1.1, 5.5.2.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from codeflow.core.claims import SCOPE_CLAIMS
from codeflow.core.errors import InvalidRequest
from codeflow.core.jose import JoseError, strict_json_object

Members = Mapping[str, Mapping[str, Any]]
"""Claim name → what is asked of it: essential, value, values; {} is: asked for without more."""

_SCOPE_OF = {claim: scope for scope, claims in SCOPE_CLAIMS.items() for claim in claims}

_ABOUT_THE_SIGN_IN = frozenset({"sub", "acr", "amr", "auth_time"})
"""Claims that no scope stands for and that tell nothing about the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsParameter:
    userinfo: Members = field(default_factory=dict)
    id_token: Members = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "ClaimsParameter":
        """Raises InvalidRequest where it is no JSON object of the form in OIDC Core 5.5."""
        if not text:
            return cls()
        try:
            document = strict_json_object(text.encode())
        except JoseError as error:
            raise InvalidRequest("claims is no JSON object.", reason="claims") from error
        userinfo, id_token = _members(document, "userinfo"), _members(document, "id_token")
        for asked in (userinfo.get("sub", {}), id_token.get("sub", {}), id_token.get("acr", {})):
            _check_texts(asked)
        return cls(userinfo=userinfo, id_token=id_token)

    def to_text(self) -> str:
        """What `parse` reads back, "" where nothing is asked for."""
        if not self.userinfo and not self.id_token:
            return ""
        return json.dumps({"userinfo": self.userinfo, "id_token": self.id_token}, separators=(",", ":"))

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes whose consent covers what is asked for."""
        return frozenset(_SCOPE_OF[name] for name in (*self.userinfo, *self.id_token) if name in _SCOPE_OF)

    def within(self, scopes: frozenset[str]) -> "ClaimsParameter":
        """The same without the claims of scopes that this client may not ask for, and without those that no consent covers."""
        return ClaimsParameter(userinfo=_kept(self.userinfo, scopes), id_token=_kept(self.id_token, scopes))

    def expected_subs(self) -> frozenset[str]:
        """The `sub` values that the answer must be about; empty is: any (OIDC Core 5.5.1)."""
        return _texts(self.id_token.get("sub", {})) | _texts(self.userinfo.get("sub", {}))

    def essential_acrs(self) -> frozenset[str]:
        """The `acr` values one of which must be met (OIDC Core 5.5.1.1); empty is: none must."""
        asked = self.id_token.get("acr", {})
        return _texts(asked) if asked.get("essential") is True else frozenset()


def wanted_values(asked: Mapping[str, Any]) -> list[Any]:
    """The `value` or `values` asked for; [] is: any."""
    if "value" in asked:
        return [asked["value"]]
    values = asked.get("values")
    return values if isinstance(values, list) else []


def select(known: Mapping[str, Any], asked: Members) -> dict[str, Any]:
    """The claims of `known` that are asked for and have a wanted value."""
    return {
        name: known[name]
        for name, how in asked.items()
        if name in known and (not wanted_values(how) or known[name] in wanted_values(how))
    }


def _texts(asked: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(value for value in wanted_values(asked) if isinstance(value, str))


def _check_texts(asked: Mapping[str, Any]) -> None:
    """A `sub` or `acr` of another type than text matches nobody; it must not be read as: any (OIDC Core 5.5.1)."""
    values = asked.get("values", [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in wanted_values(asked)):
        raise InvalidRequest("claims has the wrong form.", reason="claims")


def _members(document: Mapping[str, Any], name: str) -> Members:
    members = document.get(name)
    if members is None:
        return {}
    if not isinstance(members, dict):
        raise InvalidRequest("claims has the wrong form.", reason="claims")
    for how in members.values():
        if how is not None and not isinstance(how, dict):
            raise InvalidRequest("claims has the wrong form.", reason="claims")
    return {claim: how or {} for claim, how in members.items()}


def _kept(members: Members, scopes: frozenset[str]) -> Members:
    return {name: how for name, how in members.items() if name in _ABOUT_THE_SIGN_IN or _SCOPE_OF.get(name) in scopes}
