"""The applications that a person has let in: found, described and shown out. One entry for an application, not one for a token.

RFC 6749 10.2, 10.4; RFC 7009 2.1; OIDC Core 3.1.2.4. Whatever is asked, the number of statements is fixed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import router, transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from codeflow.provider import audit, revocation
from codeflow.provider.models import AccessToken, AuditEvent, Client, Consent, ProviderSession, RefreshToken
from codeflow.provider.models.client import AccessTokenFormat
from codeflow.provider.signals import consent_withdrawn

FORGOTTEN = timedelta(days=180)
"""Unused for so long, an application may have lost its purpose."""

SIGN_IN = "code.issued"
"""The event of each sign-in with an application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedApplication:
    client: Client
    scopes: tuple[str, ...]
    refused: tuple[str, ...]
    """Asked for, and not allowed."""
    text: dict[str, str]
    """Scope → what the page said of it when it was allowed; empty where people are not asked."""
    text_version: str
    asked: bool
    """Whether the person was asked; an application of the house may come in without a question."""
    since: datetime | None
    last_used: datetime | None
    sign_ins: int
    """As far back as the audit trail reaches."""
    browsers: int
    """Where the person is signed in, and got there through this application or went on to it."""

    @property
    def forgotten(self) -> bool:
        return self.last_used is not None and self.last_used < timezone.now() - FORGOTTEN

    @property
    def used_now(self) -> bool:
        return self.last_used is not None and self.last_used > timezone.now() - timedelta(minutes=1)

    @property
    def tokens_outlive_removal(self) -> bool:
        """A JWT is believed by whoever reads it, until it expires (RFC 9068 2; RFC 7009 3)."""
        return self.client.access_token_format == AccessTokenFormat.JWT


def clients_of(user: Any) -> QuerySet[Client]:
    """The applications that have the person's consent or a token that works, by name."""
    now = timezone.now()
    live = {"user_id": user.pk, "application_id": OuterRef("pk"), "revoked": None, "expires__gt": now}
    consents = Consent.objects.filter(user_id=user.pk, client_id=OuterRef("pk"))
    let_in = Exists(consents) | Exists(RefreshToken.objects.filter(**live)) | Exists(AccessToken.objects.filter(**live))
    clients: QuerySet[Client] = Client.objects.filter(let_in).order_by("name", "pk")
    return clients


def described(user: Any, clients: Iterable[Client]) -> list[ConnectedApplication]:
    """What there is to say of each of `clients`; six statements for all of them together."""
    listed = list(clients)
    pks = [client.pk for client in listed]
    consents = {row.client_id: row for row in Consent.objects.filter(user_id=user.pk, client_id__in=pks)}
    granted = _scopes_without_question(user, [pk for pk in pks if pk not in consents])
    signed_in = _sign_ins(user, [client.client_id for client in listed])
    used = _last_tokens(user, pks)
    browsers = _browsers(user, pks)
    return [
        _described(
            client,
            consents.get(client.pk),
            granted.get(client.pk, ()),
            signed_in.get(client.client_id, (0, None, None)),
            used.get(client.pk),
            browsers.get(client.pk, 0),
        )
        for client in listed
    ]


def remove(request: HttpRequest, user: Any, client: Client) -> None:
    """Ends the consent and everything that came of it, records it, and tells whoever writes people a mail about it."""
    with transaction.atomic(using=router.db_for_write(Consent)):
        Consent.objects.filter(user_id=user.pk, client_id=client.pk).delete()  # its receiver ends the grants
        revocation.end_grants(user_id=user.pk, application_id=client.pk)  # where there was no consent to delete
        audit.record("consent.withdrawn", request=request, client_id=client.client_id, user_pk=user.pk)
        transaction.on_commit(
            lambda: consent_withdrawn.send_robust(sender=Client, request=request, user=user, client=client),
            using=router.db_for_write(Consent),
        )


def remove_all(request: HttpRequest, user: Any) -> int:
    """`remove` for every application; how many there were."""
    clients = list(clients_of(user))
    with transaction.atomic(using=router.db_for_write(Consent)):
        for client in clients:
            remove(request, user, client)
    return len(clients)


def _described(
    client: Client,
    consent: Consent | None,
    granted: tuple[str, ...],
    signed_in: tuple[int, datetime | None, datetime | None],
    last_token: datetime | None,
    browsers: int,
) -> ConnectedApplication:
    count, first, last = signed_in
    began = [moment for moment in (first, consent.created if consent else None) if moment]
    seen = [moment for moment in (last, last_token, consent.updated if consent else None) if moment]
    return ConnectedApplication(
        client=client,
        scopes=tuple(consent.scope.split()) if consent else granted,
        refused=consent.refused_scopes if consent else (),
        text=consent.text if consent else {},
        text_version=consent.text_version if consent else "",
        asked=consent is not None,
        since=min(began, default=None),
        last_used=max(seen, default=None),
        sign_ins=count,
        browsers=browsers,
    )


def _sign_ins(user: Any, client_ids: list[str]) -> dict[str, tuple[int, datetime, datetime]]:
    rows = AuditEvent.objects.filter(user_pk=str(user.pk), event=SIGN_IN, client_id__in=client_ids)
    summed = rows.values("client_id").annotate(times=Count("pk"), first=Min("at"), last=Max("at")).order_by()
    return {row["client_id"]: (row["times"], row["first"], row["last"]) for row in summed}


def _last_tokens(user: Any, pks: list[int]) -> dict[int, datetime]:
    """When each client last got a token for the person: at a sign-in, or by refreshing while they were away."""
    rows = AccessToken.objects.filter(user_id=user.pk, application_id__in=pks)
    return dict(
        rows.values("application_id").annotate(last=Max("created")).order_by().values_list("application_id", "last")
    )


def _browsers(user: Any, pks: list[int]) -> dict[int, int]:
    """Sessions that have not ended, and whose browser still has its cookie as far as one can tell."""
    alive = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    sessions = ProviderSession.objects.filter(
        Q(auth_time__gt=alive) | Q(auth_time=None, created__gt=alive),
        user_id=user.pk,
        ended_at=None,
        clients__in=pks,
    )
    return dict(sessions.values_list("clients").annotate(times=Count("pk")).order_by())


def _scopes_without_question(user: Any, pks: list[int]) -> dict[int, tuple[str, ...]]:
    """What clients that come in without a question hold tokens for."""
    if not pks:
        return {}
    live = AccessToken.objects.filter(user_id=user.pk, application_id__in=pks, revoked=None, expires__gt=timezone.now())
    found: dict[int, dict[str, None]] = {}
    for pk, scope in live.values_list("application_id", "scope").distinct().order_by():
        found.setdefault(pk, {}).update(dict.fromkeys(scope.split()))
    return {pk: tuple(scopes) for pk, scopes in found.items()}
