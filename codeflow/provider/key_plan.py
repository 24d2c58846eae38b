"""What may be done with each signing key now, and when what it signed is over: the rules behind the admin's buttons.

OIDC Core 10.1, 10.1.1. Nothing is done here to a key that clients have not seen yet or that a live token still needs; after a leak
`codeflow_keys rotate --now` and `codeflow_keys withdraw` do it all the same.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import router, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from codeflow.provider import keys
from codeflow.provider.conf import provider_settings
from codeflow.provider.keys import NEXT, RETIRING, SIGNING
from codeflow.provider.models import AccessToken, Client, SigningKey
from codeflow.provider.models.client import AccessTokenFormat


class NotYet(Exception):
    """What was asked for must wait or cannot be; `str()` is the reason, in words for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlan:
    """One key among the others."""

    key: SigningKey
    state: str
    signs_until: datetime | None
    """When its successor takes over; None as long as it has none."""
    needed_until: datetime | None
    """When the last token it may have signed expires; None while it signs, or has not signed."""
    clients: int
    """Active ones whose ID tokens are signed with its algorithm."""
    live_tokens: int
    """Live JWT access tokens of its time; ID tokens are not stored, so not counted."""

    @property
    def used_since(self) -> datetime | None:
        return None if self.state == NEXT else self.key.active_from


def plans() -> dict[int, KeyPlan]:
    """Every key's plan by its primary key, in four statements whatever their number."""
    rows, now = list(SigningKey.objects.defer("private_key")), timezone.now()
    life, clients = keys.longest_life(), _clients_by_alg()
    ends = {row.pk: _successor_from(row, rows) for row in rows}
    states = {row.pk: keys.key_state(row, rows, now, life) for row in rows}
    tokens = _live_tokens([row for row in rows if states[row.pk] in (SIGNING, RETIRING)], ends, now)
    return {
        row.pk: KeyPlan(
            key=row,
            state=states[row.pk],
            signs_until=ends[row.pk],
            needed_until=None if states[row.pk] in (NEXT, SIGNING) else _plus(ends[row.pk], life),
            clients=clients.get(row.alg, 0),
            live_tokens=tokens.get(row.pk, 0),
        )
        for row in rows
    }


def why_no_next(alg: str, rows: Collection[SigningKey] | None = None) -> str:
    """Why no next key can be made for `alg`; "" if it can."""
    known = SigningKey.objects.filter(alg=alg).defer("private_key") if rows is None else rows
    now = timezone.now()
    waiting = [row for row in known if row.alg == alg and row.active_from > now]
    return (
        _("There is one already; it signs from this time on: %(at)s") % {"at": _words(waiting[0].active_from)}
        if waiting
        else ""
    )


def why_not_promote(plan: KeyPlan) -> str:
    """Why the key cannot sign from now on; "" if it can."""
    if plan.state != NEXT:
        return _("Only a key that is next can be promoted.")
    published = plan.key.created + provider_settings.key_publish
    if published > timezone.now():
        return _("Not yet: clients cache keys for %(length)s; promote after %(at)s") % {
            "length": _length(provider_settings.key_publish),
            "at": _words(published),
        }
    return ""


def why_not_retire(plan: KeyPlan, all_plans: Collection[KeyPlan]) -> str:
    """Why the key cannot stop signing now; "" if its successor can take over."""
    if plan.state != SIGNING:
        return _("Only a key that signs can be retired.")
    successor = successor_of(plan, all_plans)
    if successor is None:
        return _("Nothing would sign after it: make the next key first.")
    return why_not_promote(successor)


def why_not_withdraw(plan: KeyPlan) -> str:
    """Why the key cannot leave the key set; "" if nobody needs it."""
    if plan.state == SIGNING:
        return _("It signs: retire it first.")
    if plan.state == RETIRING and plan.needed_until and plan.needed_until > timezone.now():
        return _("Not yet: tokens it signed are valid until %(at)s") % {"at": _words(plan.needed_until)}
    return ""


def successor_of(plan: KeyPlan, all_plans: Collection[KeyPlan]) -> KeyPlan | None:
    later = [
        other
        for other in all_plans
        if other.key.alg == plan.key.alg and other.key.generation > plan.key.generation and other.state == NEXT
    ]
    return min(later, key=lambda other: other.key.generation, default=None)


def make_next(alg: str) -> SigningKey:
    """Makes the next key of `alg`, published from now on. It signs when the present one's time is over, or when promoted.

    Raises NotYet.
    """
    pair = keys.signing_key(alg)  # the first one is made where there is none
    if reason := why_no_next(alg):
        raise NotYet(reason)
    newest = SigningKey.objects.filter(alg=alg).defer("private_key").order_by("-generation").first()
    if newest is None:
        raise NotYet(_("There is no key to follow: %(kid)s is gone.") % {"kid": pair.kid})
    earliest = timezone.now() + provider_settings.key_publish
    active_from = max(newest.active_from + provider_settings.key_rotation, earliest)
    key = keys.make_key(alg, generation=newest.generation + 1, active_from=active_from)
    keys.forget_keys()
    return key


def promote(pk: int) -> SigningKey:
    """Lets the next key sign from now on. Raises NotYet."""
    with transaction.atomic(using=router.db_for_write(SigningKey)):
        plan = _held(pk)
        if reason := why_not_promote(plan):
            raise NotYet(reason)
        plan.key.active_from = timezone.now()
        plan.key.save(update_fields=["active_from"])
    keys.forget_keys()
    return plan.key


def retire(pk: int) -> SigningKey:
    """Stops the key from signing: its successor takes over now, and is returned. Raises NotYet."""
    known = plans()
    plan = known[pk]
    reason, successor = why_not_retire(plan, known.values()), successor_of(plan, known.values())
    if reason or successor is None:
        raise NotYet(reason)
    return promote(successor.key.pk)


def withdraw(pk: int) -> SigningKey:
    """Takes the key out of the set for good. Raises NotYet."""
    with transaction.atomic(using=router.db_for_write(SigningKey)):
        plan = _held(pk)
        if reason := why_not_withdraw(plan):
            raise NotYet(reason)
        plan.key.delete()
    keys.forget_keys()
    return plan.key


def _held(pk: int) -> KeyPlan:
    """The plan of a row that nobody else changes meanwhile."""
    SigningKey.objects.select_for_update().defer("private_key").get(pk=pk)
    return plans()[pk]


def _successor_from(key: SigningKey, rows: Collection[SigningKey]) -> datetime | None:
    later = [row.active_from for row in rows if row.alg == key.alg and row.generation > key.generation]
    return min(later, default=None)


def _clients_by_alg() -> dict[str, int]:
    default = provider_settings.signing_algorithms[0]
    counted: dict[str, int] = {}
    rows = Client.objects.filter(is_active=True).values_list("id_token_signed_response_alg").annotate(count=Count("pk"))
    for alg, count in rows.order_by():
        counted[alg or default] = counted.get(alg or default, 0) + count
    return counted


def _live_tokens(rows: Collection[SigningKey], ends: dict[int, datetime | None], now: datetime) -> dict[int, int]:
    """One statement: each key's own part of the live JWT access tokens, by the time they were made in."""
    if not rows:
        return {}
    parts = {f"key_{row.pk}": Count("pk", filter=_signed_by(row, ends[row.pk])) for row in rows}
    live = AccessToken.objects.filter(
        revoked=None, expires__gt=now, application__access_token_format=AccessTokenFormat.JWT
    )
    counted = live.aggregate(**parts)
    return {row.pk: counted[f"key_{row.pk}"] for row in rows}


def _signed_by(key: SigningKey, until: datetime | None) -> Q:
    algs = [key.alg, *([""] if key.alg == provider_settings.signing_algorithms[0] else [])]
    mine = Q(application__id_token_signed_response_alg__in=algs, created__gte=key.active_from)
    return mine & Q(created__lt=until) if until else mine


def _plus(moment: datetime | None, length: timedelta) -> datetime | None:
    return None if moment is None else moment + length


def _words(moment: datetime) -> str:
    return date_format(timezone.localtime(moment) if timezone.is_aware(moment) else moment, "DATETIME_FORMAT")


def _length(length: timedelta) -> str:
    hours, seconds = divmod(int(length.total_seconds()), 3600)
    return (
        _("%(hours)d h") % {"hours": hours}
        if hours and not seconds
        else _("%(seconds)d s") % {"seconds": int(length.total_seconds())}
    )
