"""One misbehaviour, and the short ways to say what it changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from codeflow.http import Unreachable
from codeflow.testing.messages import Reply, Request
from codeflow.testing.state import State
from codeflow.testing.ways import Claims

Change = Callable[[State], object]


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """`outcome` is what the person meets: A cancelled, B start again, C not trusted, D try again shortly, E not allowed,
    F sign in again at the next API call, "-" nothing, because the rest of the answer may be used.
    """

    name: str
    outcome: str
    spec: str
    change: Change
    needs: str = ""
    """Breaks a rule only where the site asks for this (max_age, acr, required_scope)."""


def metadata(**members: Any) -> Change:
    return lambda state: state.ways.metadata.update(members)


def callback(**parameters: Any) -> Change:
    return lambda state: state.ways.callback.update(parameters)


def members(**values: Any) -> Change:
    return lambda state: state.ways.token.update(values)


def claims(**values: Any) -> Change:
    return lambda state: state.ways.claims.update(values)


def header(**values: Any) -> Change:
    return lambda state: state.ways.header.update(values)


def reply(endpoint: str, answer: Reply) -> Change:
    return lambda state: state.ways.replies.update({endpoint: lambda request: answer})


def down(endpoint: str, why: str = "no connection") -> Change:
    return lambda state: state.ways.replies.update({endpoint: _unreachable(why)})


def signed(make: Callable[[Claims], str]) -> Change:
    """The ID token is what `make` returns."""

    def change(state: State) -> None:
        state.ways.sign = make

    return change


def _unreachable(why: str) -> Callable[[Request], Reply]:
    def answer(request: Request) -> Reply:
        raise Unreachable(why)

    return answer
