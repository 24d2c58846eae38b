"""How the steps judge: a list of checks, run in order, ended by the first that fails."""

from collections.abc import Iterable, Mapping

from codeflow.relying_party.errors import Check, ProviderUntrusted, RelyingPartyError

SHOWN = 200
"""Characters of a value that a check may carry; the rest of the other side's text is dropped."""


def check(name: str, *, expected: object, actual: object, passed: bool, spec: str) -> Check:
    """A judged rule. `expected` and `actual` are for people to read and may hold no secret."""
    return Check(name=name, expected=shown(expected), actual=shown(actual), passed=passed, spec=spec)


def equal(name: str, *, expected: object, actual: object, spec: str) -> Check:
    """A rule that wants exactly one value: same type, same bytes."""
    passed = type(expected) is type(actual) and expected == actual
    return check(name, expected=expected, actual=actual, passed=passed, spec=spec)


def all_passed(
    stage: str, checks: Iterable[Check], *, failures: Mapping[str, type[RelyingPartyError]] | None = None
) -> tuple[Check, ...]:
    """Every check, if each one passed; checks after a failed one are not even made.

    Raises ProviderUntrusted("stage.name") unless `failures` names another class for that check.
    """
    made: list[Check] = []
    for item in checks:
        made.append(item)
        if not item.passed:
            kind = (failures or {}).get(item.name, ProviderUntrusted)
            detail = f"expected {item.expected}, got {item.actual} ({item.spec})"
            raise kind(f"{stage}.{item.name}", detail, checks=made)
    return tuple(made)


def shown(value: object) -> str:
    """`value` as short printable text; "absent" for None."""
    if value is None:
        return "absent"
    text = value if isinstance(value, str) else repr(value)
    return "".join(char if char.isprintable() else "?" for char in text[:SHOWN])
