"""The states of codes and tokens, and how many are live: what lists, questions and pages say of them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.provider.models import AccessToken, AuthorizationCode, RefreshToken
from codeflow.provider.models.client import AccessTokenFormat

LIVE, EXPIRED, REVOKED, USED, REPLACED = "live", "expired", "revoked", "used", "replaced"

States = Mapping[str, Callable[[datetime], Q]]
"""State → the rows that are in it at a moment."""

ACCESS_TOKEN_STATES: States = {
    LIVE: lambda now: Q(revoked=None, expires__gt=now),
    EXPIRED: lambda now: Q(revoked=None, expires__lte=now),
    REVOKED: lambda now: Q(revoked__isnull=False),
}
REFRESH_TOKEN_STATES: States = {
    LIVE: lambda now: Q(revoked=None, used_at=None, expires__gt=now, family_expires__gt=now),
    REPLACED: lambda now: Q(revoked=None, used_at__isnull=False),
    EXPIRED: lambda now: Q(revoked=None, used_at=None) & (Q(expires__lte=now) | Q(family_expires__lte=now)),
    REVOKED: lambda now: Q(revoked__isnull=False),
}
CODE_STATES: States = {
    LIVE: lambda now: Q(redeemed_at=None, expires__gt=now),
    USED: lambda now: Q(redeemed_at__isnull=False),
    EXPIRED: lambda now: Q(redeemed_at=None, expires__lte=now),
}

WORDS = {LIVE: _("live"), EXPIRED: _("expired"), REVOKED: _("revoked"), USED: _("used"), REPLACED: _("replaced")}


def live_grants(clients: QuerySet[Any]) -> tuple[int, int]:
    """How many people, and how many live tokens, `clients` have."""
    return live_tokens(Q(application__in=clients))


def live_tokens(which: Q) -> tuple[int, int]:
    """How many people, and how many live tokens, `which` names."""
    now = timezone.now()
    access = AccessToken.objects.filter(ACCESS_TOKEN_STATES[LIVE](now), which)
    refresh = RefreshToken.objects.filter(REFRESH_TOKEN_STATES[LIVE](now), which)
    people = access.values_list("user_id").union(refresh.values_list("user_id")).count()
    return people, access.count() + refresh.count()


def what_lives_on(which: Q) -> list[str]:
    """The sentence about JWT access tokens, which servers that check them by themselves take until they expire (RFC 9068 4)."""
    live = AccessToken.objects.filter(ACCESS_TOKEN_STATES[LIVE](timezone.now()), which)
    jwt = live.filter(application__access_token_format=AccessTokenFormat.JWT)
    found = jwt.aggregate(count=Count("pk"), last=Max("expires"))
    if not found["count"]:
        return []
    sentence = ngettext(
        "%(count)d of them is a JWT access token: servers that check it by themselves take it until it expires (%(at)s).",
        "%(count)d of them are JWT access tokens: servers that check them by themselves take them until they expire (the last one: %(at)s).",
        found["count"],
    )
    return [sentence % {"count": found["count"], "at": moment_words(found["last"])}]


def moment_words(moment: datetime) -> str:
    return date_format(timezone.localtime(moment) if timezone.is_aware(moment) else moment, "DATETIME_FORMAT")


def count_of_grants(people: int, tokens: int) -> str:
    """ "413 people, 1022 tokens"."""
    return ", ".join(
        (
            ngettext("%(count)d person", "%(count)d people", people) % {"count": people},
            ngettext("%(count)d token", "%(count)d tokens", tokens) % {"count": tokens},
        )
    )


def state_of(row: AccessToken | RefreshToken | AuthorizationCode, now: datetime) -> str:
    """One of WORDS, by the same rules as the States."""
    if isinstance(row, AuthorizationCode):
        return USED if row.redeemed_at else LIVE if row.expires > now else EXPIRED
    if row.revoked:
        return REVOKED
    if isinstance(row, RefreshToken) and row.used_at:
        return REPLACED
    ends = min(row.expires, row.family_expires) if isinstance(row, RefreshToken) else row.expires
    return LIVE if ends > now else EXPIRED


def state_words(row: AccessToken | RefreshToken | AuthorizationCode, now: datetime) -> str:
    """A live one of a disabled client is none."""
    state = state_of(row, now)
    return str(_("client disabled")) if state == LIVE and not row.application.is_active else str(WORDS[state])
