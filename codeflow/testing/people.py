"""The people who have an account at a fake provider."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Person:
    """`claims` are what the provider says about them; `acr` what it says about how they authenticated."""

    name: str
    sub: str
    claims: dict[str, Any] = field(default_factory=dict)
    acr: str = ""
    """"" takes the first class that the site asks for, as a willing person would."""
    sids: list[str] = field(default_factory=list)
    """Their sessions at the provider, the newest last."""


def new_person(name: str, *, email: str, groups: list[str] | None, acr: str, claims: Mapping[str, Any]) -> Person:
    """`name` is also the given name; a stated address counts as verified unless `claims` say otherwise."""
    about: dict[str, Any] = {"name": name.title(), "given_name": name.title(), "preferred_username": name}
    if email:
        about |= {"email": email, "email_verified": True}
    if groups is not None:
        about["groups"] = groups
    about |= claims
    sub = str(about.pop("sub", "") or f"{name}-{hashlib.sha256(name.encode()).hexdigest()[:8]}")
    return Person(name=name, sub=sub, claims=about, acr=acr)
