"""What of the provider is cleared, and what a replay would still need."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from codeflow.provider.models import (
    AccessToken,
    AuditEvent,
    AuthorizationCode,
    LogoutDelivery,
    ProviderSession,
    RefreshToken,
)
from tests.provider.cases.world import assert_json
from tests.provider.factories import (
    AccessTokenFactory,
    ClientFactory,
    CodeFactory,
    ProviderSessionFactory,
    RefreshTokenFactory,
)

pytestmark = pytest.mark.django_db


def ago(**delta: float) -> Any:
    return timezone.now() - timedelta(**delta)


def clear() -> None:
    call_command("codeflow_clear_expired", verbosity=0, stdout=StringIO())


@pytest.mark.spec("ASVS", "14.2.4", "what is over is cleared, what is in use stays")
def test_what_is_over_goes_and_what_is_in_use_stays():
    for when in (ago(hours=1), ago(hours=-1)):
        session = ProviderSessionFactory()
        CodeFactory(expires=when, session=session)
        AccessTokenFactory(expires=when, session=session)
        RefreshTokenFactory(expires=when, session=session)
    clear()
    assert [model.objects.count() for model in (AuthorizationCode, AccessToken, RefreshToken)] == [1, 1, 1]
    assert ProviderSession.objects.count() == 2


@pytest.mark.mariadb
def test_sessions_go_a_day_after_their_end_or_when_they_are_over_age():
    live, ended, lately, old = (ProviderSessionFactory() for _ in range(4))
    ended.clients.add(ClientFactory())
    code = CodeFactory(session=ended)
    ProviderSession.objects.filter(pk=ended.pk).update(ended_at=ago(days=2))
    ProviderSession.objects.filter(pk=lately.pk).update(ended_at=ago(hours=2))
    ProviderSession.objects.filter(pk=old.pk).update(created=ago(days=31))
    clear()
    assert set(ProviderSession.objects.all()) == {live, lately}
    code.refresh_from_db()
    assert code.session is None


@pytest.mark.spec("OIDC Core", "11", "an offline grant outlives the row of its session")
def test_offline_grant_is_refreshed_after_its_session_was_cleared(party, user):
    session = ProviderSessionFactory(user=user)
    RefreshTokenFactory(value="first", application=party.row, user=user, session=session)
    ProviderSession.objects.update(ended_at=ago(days=2))
    clear()
    assert not ProviderSession.objects.exists()
    assert party.refresh("first").json()["access_token"]
    assert RefreshToken.objects.filter(session_id=session.pk).count() == 2


def test_logout_deliveries_and_audit_events_are_kept_for_their_time(settings):
    settings.CODEFLOW_PROVIDER = {"AUDIT_RETENTION_SECONDS": 3600}
    client = ClientFactory()
    done, open_ = (LogoutDelivery.objects.create(client=client, due=due) for due in (None, timezone.now()))
    LogoutDelivery.objects.update(created=ago(days=8))
    recent = LogoutDelivery.objects.create(client=client)
    AuditEvent.objects.create(event="a")
    AuditEvent.objects.update(at=ago(hours=2))
    kept = AuditEvent.objects.create(event="b")
    clear()
    assert set(LogoutDelivery.objects.all()) == {open_, recent}
    assert AuditEvent.objects.get() == kept
    assert done.pk


@pytest.mark.spec("RFC 6749", "4.1.2", "a spent code that is used again is seen, however often the tables are cleared")
def test_replayed_code_is_seen_after_clearing(party, user):
    CodeFactory(value="the-code", application=party.row, user=user)
    tokens = party.redeem("the-code").json()
    AuthorizationCode.objects.update(expires=ago(minutes=1))
    clear()
    assert_json(party.redeem("the-code"), "invalid_grant")
    assert AccessToken.objects.get().revoked is not None
    assert_json(party.refresh(tokens["refresh_token"]), "invalid_grant")


def test_code_that_was_cleared_is_refused_as_an_unknown_one(party, user):
    CodeFactory(value="the-code", application=party.row, user=user, expires=ago(hours=1))
    clear()
    assert_json(party.redeem("the-code"), "invalid_grant")


@pytest.mark.spec(
    "RFC 9700", "4.14.2", "a replaced refresh token stays as long as its grant lives, so its replay is seen"
)
def test_replayed_refresh_token_is_seen_after_clearing(party, user):
    row = RefreshTokenFactory(value="first", application=party.row, user=user)
    second = party.refresh("first").json()
    RefreshToken.objects.filter(pk=row.pk).update(expires=ago(days=3), used_at=ago(days=30))
    clear()
    assert_json(party.refresh("first"), "invalid_grant")
    assert_json(party.refresh(second["refresh_token"]), "invalid_grant")


@pytest.mark.mariadb
def test_replaced_refresh_token_stays_while_an_access_token_of_its_grant_lives():
    row = RefreshTokenFactory(expires=ago(days=1), used_at=ago(days=2))
    live = AccessTokenFactory(token_family=row.token_family)
    clear()
    assert RefreshToken.objects.get() == row
    AccessToken.objects.filter(pk=live.pk).update(revoked=timezone.now())
    clear()
    assert not RefreshToken.objects.exists()


@pytest.mark.mariadb
def test_family_goes_when_nothing_of_it_lives():
    for used, revoked in ((ago(days=40), None), (ago(days=35), None), (None, None), (None, ago(days=39))):
        RefreshTokenFactory(token_family=7, expires=ago(days=1), used_at=used, revoked=revoked)
    clear()
    assert not RefreshToken.objects.exists()
