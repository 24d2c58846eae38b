"""Tokens sealed anew under the first of TOKEN_KEYS, so that the last one can be taken out of the settings."""

from collections.abc import Iterator
from dataclasses import dataclass

from codeflow.relying_party.models import TokenGrant, sealed_tokens

BATCH = 500


@dataclass(slots=True, kw_only=True)
class Reencrypted:
    """`changed` were refreshed meanwhile, which seals them anew; no key opens the `unreadable` ones."""

    resealed: int = 0
    current: int = 0
    changed: int = 0
    unreadable: int = 0

    def __str__(self) -> str:
        return (
            f"sealed anew: {self.resealed}, already: {self.current}, "
            f"refreshed meanwhile: {self.changed}, unreadable: {self.unreadable}"
        )


def reencrypt(batch: int = BATCH) -> Reencrypted:
    """Goes through all grants, a batch at a time; a refresh in between wins."""
    counts = Reencrypted()
    for grant in _grants(batch):
        held = grant.held
        if held is None:
            counts.unreadable += 1
        elif grant.is_sealed_anew:
            counts.current += 1
        elif TokenGrant.objects.filter(pk=grant.pk, tokens=grant.tokens).update(
            tokens=sealed_tokens(held, grant.identity_id)
        ):
            counts.resealed += 1
        else:
            counts.changed += 1
    return counts


def _grants(batch: int) -> Iterator[TokenGrant]:
    last = 0
    while grants := list(TokenGrant.objects.exclude(tokens="").filter(pk__gt=last).order_by("pk")[:batch]):
        yield from grants
        last = grants[-1].pk
