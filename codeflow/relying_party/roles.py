"""Groups and staff from claims, exactly as the setting `groups` maps them; no other claim gives a right here.

A claim that is missing says nothing, an empty one takes every managed role away. Groups that the map does not name are never
touched, and the last superuser stays one, or nobody could mend a wrong map.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from codeflow.relying_party import signals
from codeflow.relying_party.conf import conf

FLAGS = (("staff", "is_staff"), ("superuser", "is_superuser"))

Rules = Mapping[str, Any]


def apply_roles(user: Any, provider: str, claims: Mapping[str, Any]) -> list[str]:
    """Gives and takes what the rules of `provider` say; what changed, such as "+group Admins" or "-is_staff"."""
    rules = conf.groups(provider)
    values = claimed_roles(claims, str(rules.get("claim", "")))
    if not rules or values is None:
        return []
    with transaction.atomic():
        return [*_groups(user, rules, values), *_flags(user, rules, values)]


def claimed_roles(claims: Mapping[str, Any], claim: str) -> frozenset[str] | None:
    """The texts in the claim; None where it is missing or no list. "a.b" also means the member b of the claim a."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for name in claim.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return frozenset({found})
    return frozenset(item for item in found if isinstance(item, str)) if isinstance(found, list) else None


def _groups(user: Any, rules: Rules, values: frozenset[str]) -> Iterator[str]:
    names: Mapping[str, str] = rules.get("map", {})
    if not names:
        return
    wanted = {name for value, name in names.items() if value in values}
    present = set(user.groups.filter(name__in=set(names.values())).values_list("name", flat=True))
    for name in sorted(wanted - present):
        user.groups.add(Group.objects.get_or_create(name=name)[0])
        yield f"+group {name}"
    for name in sorted(present - wanted):
        user.groups.remove(Group.objects.get(name=name))
        yield f"-group {name}"


def _flags(user: Any, rules: Rules, values: frozenset[str]) -> Iterator[str]:
    for key, flag in FLAGS:
        if key not in rules:
            continue
        wanted = not values.isdisjoint(rules[key])
        if getattr(user, flag) == wanted:
            continue
        if not wanted and _is_last_superuser(user):
            signals.logger.warning("the last superuser keeps %s: user=%s", flag, user.pk)
            continue
        setattr(user, flag, wanted)
        user.save(update_fields=[flag])
        yield f"{'+' if wanted else '-'}{flag}"


def _is_last_superuser(user: Any) -> bool:
    """Their rows are locked, or two could be demoted at once, each leaving it to the other."""
    superusers = get_user_model()._default_manager.select_for_update().filter(is_superuser=True, is_active=True)
    keys = set(superusers.values_list("pk", flat=True))
    return keys == {user.pk}
