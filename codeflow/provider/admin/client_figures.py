"""What the list of clients says of each: its state, its people, its tokens, how it is used. One statement per figure and page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from codeflow.admin_lists import CarefulList
from codeflow.core.redirect_uris import redirect_uri_problem
from codeflow.provider.admin.token_states import ACCESS_TOKEN_STATES, LIVE, REFRESH_TOKEN_STATES
from codeflow.provider.models import AccessToken, AuditEvent, Client, ClientSecret, Consent, RefreshToken
from codeflow.signals import ERROR, REFUSED

DAYS = 7
SOON = timedelta(days=14)
ERRORS_WITHIN = timedelta(hours=24)
SIGN_IN = "code.issued"

ACTIVE, DISABLED, NO_REDIRECT, INSECURE, NO_SECRET, SECRET_SOON = (
    "active", "disabled", "no_redirect", "insecure", "no_secret", "secret_soon",
)  # fmt: skip
STATES = {
    ACTIVE: _("active"),
    DISABLED: _("disabled"),
    NO_REDIRECT: _("no redirect URI"),
    INSECURE: _("insecure redirect"),
    NO_SECRET: _("no secret that works"),
    SECRET_SOON: _("secret expires"),
}


@dataclass(slots=True, kw_only=True)
class Figures:
    people: int = 0
    tokens: int = 0
    sign_ins: list[int] = field(default_factory=lambda: [0] * DAYS)
    """One number per day, today's last."""
    errors: int = 0
    last_used: datetime | None = None
    state: str = ACTIVE
    secret_ends: datetime | None = None
    """When its last secret ends; None: never, or it has none."""

    def state_in_words(self) -> str:
        if self.state != SECRET_SOON or self.secret_ends is None:
            return str(STATES[self.state])
        days = max((self.secret_ends - timezone.now()).days, 0)
        return ngettext("secret expires in %(days)d day", "secret expires in %(days)d days", days) % {"days": days}

    def sign_ins_in_words(self) -> str:
        return " ".join(map(str, self.sign_ins))


class ClientList(CarefulList):
    """Django's, with the figures of the rows of one page beside them."""

    def get_results(self, request: Any) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        found = figures_of(rows)
        for row in rows:
            row.figures = found[row.pk]
        self.result_list = rows


def figures_of(clients: Sequence[Client]) -> dict[int, Figures]:
    """Primary key → figures, in seven statements however many clients there are."""
    now = timezone.now()
    found = {client.pk: Figures() for client in clients}
    by_key = {client.client_id: found[client.pk] for client in clients}
    pks = list(found)
    for pk, count in _grouped(Consent.objects.filter(client__in=pks), "client_id", Count("pk")):
        found[pk].people = count
    for model, states in ((AccessToken, ACCESS_TOKEN_STATES), (RefreshToken, REFRESH_TOKEN_STATES)):
        live: Any = model.objects.filter(states[LIVE](now), application__in=pks)
        for pk, count in _grouped(live, "application_id", Count("pk")):
            found[pk].tokens += count
    _count_events(by_key, now)
    _note_secrets(clients, found, now)
    return found


def _grouped(rows: QuerySet[Any], by: str, what: Any) -> Iterable[tuple[Any, Any]]:
    return rows.order_by().values_list(by).annotate(_figure=what)


def _count_events(by_key: dict[str, Figures], now: datetime) -> None:
    """Sign-ins by day, and refusals; from the rows of a week, which stand together at the end of the table."""
    days = [timezone.localdate() - timedelta(days=back) for back in reversed(range(DAYS))]
    first = (
        AuditEvent.objects.filter(at__gte=now - timedelta(days=DAYS)).order_by("at").values_list("pk", flat=True)[:1]
    )
    recent = AuditEvent.objects.filter(client_id__in=by_key, pk__gte=next(iter(first), 0))
    signed_in = recent.filter(event=SIGN_IN, at__gte=now - timedelta(days=DAYS)).annotate(day=TruncDate("at"))
    for key, day, count in signed_in.order_by().values_list("client_id", "day").annotate(_figure=Count("pk")):
        _add_day(by_key[key], days, day, count)
    refused = recent.filter(outcome__in=(REFUSED, ERROR), at__gte=now - ERRORS_WITHIN)
    for key, count in _grouped(refused, "client_id", Sum("count")):
        by_key[key].errors = count


def _add_day(figures: Figures, days: list[date], day: date, count: int) -> None:
    if day in days:  # the first day is cut where the week begins
        figures.sign_ins[days.index(day)] += count


def _note_secrets(clients: Sequence[Client], found: dict[int, Figures], now: datetime) -> None:
    secrets: dict[int, list[ClientSecret]] = defaultdict(list)
    for secret in ClientSecret.objects.filter(client__in=list(found)).only("client_id", "expires", "last_used"):
        secrets[secret.client_id].append(secret)
    used = dict(_grouped(AccessToken.objects.filter(application__in=list(found)), "application_id", Max("created")))
    for client in clients:
        mine = secrets[client.pk]
        live = [secret for secret in mine if secret.is_live(now)]
        moments = [moment for moment in (used.get(client.pk), *(secret.last_used for secret in mine)) if moment]
        found[client.pk].last_used = max(moments, default=None)
        found[client.pk].secret_ends = _last_end(live)
        found[client.pk].state = state_of(client, live, now)


def _last_end(live: list[ClientSecret]) -> datetime | None:
    ends = [secret.expires for secret in live]
    return None if None in ends else max((end for end in ends if end), default=None)


def state_of(client: Client, live_secrets: list[ClientSecret], now: datetime) -> str:
    """The worst that is true of a client."""
    if not client.is_active:
        return DISABLED
    if not client.redirect_uris.split():
        return NO_REDIRECT
    if any(redirect_uri_problem(uri, public_client=client.is_public) for uri in client.redirect_uris.split()):
        return INSECURE
    if client.is_public:
        return ACTIVE
    if not live_secrets:
        return NO_SECRET
    end = _last_end(live_secrets)
    return SECRET_SOON if end is not None and end - now < SOON else ACTIVE


def in_state(state: str, now: datetime) -> Q:
    """The clients in a state, for a filter; what counts as insecure there is plain http to a public host."""
    live = ClientSecret.objects.filter(Q(expires=None) | Q(expires__gt=now)).values("client")
    lasting = ClientSecret.objects.filter(Q(expires=None) | Q(expires__gt=now + SOON)).values("client")
    confidential = Q(is_active=True, client_type=Client.CLIENT_CONFIDENTIAL)
    insecure = Q(redirect_uris__regex=r"(^|\s)http://(?!127\.0\.0\.1[:/]|localhost[:/]|\[::1\])")
    return {
        ACTIVE: Q(is_active=True),
        DISABLED: Q(is_active=False),
        NO_REDIRECT: Q(is_active=True, redirect_uris__regex=r"^\s*$"),
        INSECURE: Q(is_active=True) & insecure,
        NO_SECRET: confidential & ~Q(pk__in=live),
        SECRET_SOON: confidential & Q(pk__in=live) & ~Q(pk__in=lasting),
    }[state]
