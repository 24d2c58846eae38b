"""The shape of an attack: what it changes, who must refuse, by which check, with which errors, and why."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from demo_site.attacks.bench import Bench

Text = str | Promise
REFUSERS = ("browser", "client", "server", "api", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One row. `errors` are those of the shots in their order, as (party, error); `run` makes the shots."""

    slug: str
    title: Text
    story: Text
    """What the attacker has, and does."""
    refuser: str
    """One of REFUSERS; where the shots meet several parties, the one that decides."""
    check: Text
    errors: tuple[tuple[str, str], ...]
    why: Text
    twin_why: Text
    """What the twin leaves out."""
    spec: str
    code: str
    """Where codeflow refuses it."""
    test: str
    run: Callable[[Bench], None]
    is_attack: bool = True
    """Denied consent is none."""
