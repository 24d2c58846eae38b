"""How a fake provider departs from the good answer; empty, it does everything right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from codeflow.testing.messages import Handler


class _LeftOut:
    def __repr__(self) -> str:
        return "LEFT_OUT"


LEFT_OUT: Final = _LeftOut()
"""As a value: the member is not sent at all."""

Claims = dict[str, Any]


@dataclass(slots=True)
class Ways:
    """Members that replace the good ones, answer by answer. Plain attributes: a test may set what no misbehaviour does."""

    metadata: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    """A list sends its name as often as it has values."""
    token: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    """Of the ID token."""
    claims: Claims = field(default_factory=dict)
    """Of the ID token."""
    refreshed_claims: Claims = field(default_factory=dict)
    """Of the ID token that a refresh brings."""
    userinfo: Claims = field(default_factory=dict)
    logout_claims: Claims = field(default_factory=dict)
    logout_header: dict[str, Any] = field(default_factory=dict)
    jwks: dict[str, Any] | None = None
    sign: Callable[[Claims], str] | None = None
    """Makes the ID token in place of the good signature."""
    replies: dict[str, Handler] = field(default_factory=dict)
    """The whole answer of: metadata, jwks, token, refresh, userinfo, api."""


def merged(good: Mapping[str, Any], ways: Mapping[str, Any]) -> dict[str, Any]:
    """`good` with `ways` over it, without what is left out."""
    return {name: value for name, value in {**good, **ways}.items() if value is not LEFT_OUT}
