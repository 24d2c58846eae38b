"""Back-channel logout: the outbox, the token, and clients that do not answer."""

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from codeflow.core import jose
from codeflow.http import Answer, NotSent, Unreachable, public_address
from codeflow.provider import keys, session_endings
from codeflow.provider.flow import backchannel_logout
from codeflow.provider.models import AuditEvent, LogoutDelivery
from tests.provider.exchange import ISSUER
from tests.provider.factories import ClientFactory, ProviderSessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.mariadb]

URI = "https://rp.example/backchannel"


class Door:
    """Stands in for the outbound door: keeps what is sent, answers as told."""

    def __init__(self, status=200, *, error=None):
        self.status, self.error, self.sent = status, error, []

    def post_form(self, url, form):
        self.sent.append((url, dict(form)))
        if self.error:
            raise self.error
        return Answer(status_code=self.status, headers={}, body=b"")


@pytest.fixture
def session():
    session = ProviderSessionFactory()
    session.clients.add(ClientFactory(backchannel_logout_uri=URI))
    return session


def schedule(session):
    return backchannel_logout.schedule(session)


@pytest.mark.spec("Back-Channel Logout", "2.4", "a logout token has these claims, and no nonce")
def test_logout_token(session):
    door = Door()
    assert backchannel_logout.deliver(schedule(session), door=door).delivered == 1
    ((url, form),) = door.sent
    assert url == URI
    assert set(form) == {"logout_token"}
    verified = jose.verify(form["logout_token"], keys.published_jwks(), algorithms=["RS256"], types=("logout+jwt",))
    claims = verified.claims
    client = session.clients.get()
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "jti", "events", "sid"}
    assert (claims["iss"], claims["aud"], claims["sid"]) == (ISSUER, client.client_id, session.sid)
    assert claims["sub"] == str(session.user.pk)
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert verified.header["typ"] == "logout+jwt"
    with pytest.raises(jose.JoseError):
        keys.verify_own(form["logout_token"])  # no ID token
    row = LogoutDelivery.objects.get()
    assert row.delivered_at
    assert row.due is None
    assert str(row) == f"LogoutDelivery #{row.pk}"
    assert AuditEvent.objects.filter(event="logout.delivered").count() == 1


def test_only_active_clients_that_listen_are_told():
    session = ProviderSessionFactory()
    session.clients.add(ClientFactory(), ClientFactory(backchannel_logout_uri=URI, is_active=False))
    assert schedule(session) == []
    assert backchannel_logout.deliver([], door=Door()).delivered == 0


@pytest.mark.spec("Back-Channel Logout", "2.7", "a client that does not answer is told again, and given up in the end")
@pytest.mark.parametrize("door", [Door(500), Door(302), Door(400), Door(error=Unreachable("timeout"))])
def test_failed_delivery_is_tried_again_with_longer_waits(session, clock, door):
    pks = schedule(session)
    waits = []
    for attempt in range(backchannel_logout.ATTEMPTS):
        assert backchannel_logout.deliver(pks, door=door).failed == 1
        row = LogoutDelivery.objects.get()
        assert row.attempts == attempt + 1
        assert row.problem
        if row.due:
            waits.append(row.due - clock.now())
            assert backchannel_logout.deliver(pks, door=door).failed == 0  # not yet
            clock.advance(seconds=waits[-1].total_seconds() + 1)
            assert backchannel_logout.due_deliveries(10) == pks
    assert LogoutDelivery.objects.get().due is None
    assert len(waits) == backchannel_logout.ATTEMPTS - 1
    assert waits == sorted(waits)
    assert backchannel_logout.due_deliveries(10) == []
    assert AuditEvent.objects.filter(event="logout.given_up", outcome="error").count() == 1


def test_two_processes_do_not_send_twice(session):
    pks, door = schedule(session), Door()
    assert backchannel_logout._lease(pks[0]) is not None
    assert backchannel_logout.deliver(pks, door=door).delivered == 0
    assert door.sent == []


def test_process_that_died_leaves_the_delivery_to_others(session, clock):
    pks, door = schedule(session), Door()
    backchannel_logout._lease(pks[0])
    clock.advance(seconds=61)
    assert backchannel_logout.deliver(pks, door=door).delivered == 1


@pytest.mark.spec("Back-Channel Logout", "2.5", "one slow client does not hold up the others")
def test_deliveries_run_side_by_side():
    session = ProviderSessionFactory()
    session.clients.add(*ClientFactory.create_batch(6, backchannel_logout_uri=URI))

    class Slow(Door):
        def post_form(self, url, form):
            time.sleep(0.3)
            return super().post_form(url, form)

    began = time.perf_counter()
    assert backchannel_logout.deliver(schedule(session), door=Slow()).delivered == 6
    assert time.perf_counter() - began < 1.5


def test_tokens_of_two_deliveries_differ(session):
    door = Door(500)
    pks = schedule(session)
    backchannel_logout.deliver(pks, door=door)
    LogoutDelivery.objects.update(due=timezone.now() - timedelta(seconds=1))
    backchannel_logout.deliver(pks, door=door)
    first, second = (jose.parse(form["logout_token"])[1]["jti"] for _, form in door.sent)
    assert first != second


@pytest.mark.parametrize(
    "uri",
    [
        "https://127.0.0.1/bc",
        "https://localhost/bc",
        "https://[::1]/bc",
        "https://10.0.0.1/bc",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:127.0.0.1]/bc",
        "https://0.0.0.0/bc",
        "https://2130706433/bc",
        "https://[64:ff9b::7f00:1]/bc",
        "https://[2002:7f00:1::]/bc",
        "https://[::7f00:1]/bc",
        "https://[fec0::1]/bc",
    ],
)
def test_private_addresses_are_not_called(uri):
    session = ProviderSessionFactory()
    session.clients.add(ClientFactory(backchannel_logout_uri=uri))
    assert backchannel_logout.deliver(schedule(session)).failed == 1
    problem = LogoutDelivery.objects.get().problem
    assert problem
    assert "answered" not in problem


def test_door_is_narrow(settings):
    assert backchannel_logout.default_door().public_addresses_only
    assert not backchannel_logout.default_door().allow_http_loopback
    settings.CODEFLOW_PROVIDER = {"LOGOUT_PRIVATE_ADDRESSES": True}
    assert not backchannel_logout.default_door().public_addresses_only
    assert not backchannel_logout.default_door().allow_http_loopback
    settings.DEBUG = True
    assert backchannel_logout.default_door().allow_http_loopback


@pytest.mark.django_db(transaction=True)
def test_sign_out_tells_the_clients_once_it_is_committed(monkeypatch, session):
    door = Door()
    monkeypatch.setattr(backchannel_logout, "default_door", lambda: door)
    session_endings.end(session)
    assert len(door.sent) == 1
    assert "logout_token" in json.dumps(door.sent[0][1])


@pytest.mark.django_db(transaction=True)
def test_client_that_is_down_does_not_keep_anybody_signed_in(monkeypatch, session):
    monkeypatch.setattr(backchannel_logout, "default_door", lambda: Door(error=Unreachable("timeout")))
    session_endings.end(session)
    session.refresh_from_db()
    assert session.ended_at
    assert LogoutDelivery.objects.get().due


@pytest.mark.parametrize(
    "host", ["64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001::1", "::7f00:1", "::1", "fec0::1"]
)
def test_addresses_that_stand_for_others_are_not_public(host):
    """NAT64, 6to4, Teredo and IPv4-compatible addresses lead to any IPv4 address; site-local ones stay inside."""
    with pytest.raises(NotSent):
        public_address(host, 443)


@pytest.mark.parametrize("host", ["2606:4700:4700::1111", "8.8.8.8", "::ffff:8.8.8.8"])
def test_public_addresses_stay_public(host):
    assert public_address(host, 443)


def test_deliveries_that_cannot_be_begun_in_time_stay_due(clock):
    session = ProviderSessionFactory()
    session.clients.add(*ClientFactory.create_batch(backchannel_logout.AT_ONCE + 2, backchannel_logout_uri=URI))
    pks = schedule(session)

    class Slow(Door):
        def post_form(self, url, form):
            clock.offset = 4  # whoever answers, answers late
            return super().post_form(url, form)

    slow = Slow()
    outcome = backchannel_logout.deliver(pks, door=slow, begin_within=3)
    assert (outcome.delivered, outcome.failed) == (backchannel_logout.AT_ONCE, 0)
    assert len(slow.sent) == backchannel_logout.AT_ONCE
    rest = list(LogoutDelivery.objects.filter(delivered_at=None))
    assert [row.pk for row in rest] == pks[-2:]
    assert [row.attempts for row in rest] == [0, 0]
    assert backchannel_logout.due_deliveries(limit=10) == pks[-2:]
    assert backchannel_logout.deliver(pks[-2:], door=Door()).delivered == 2


def test_nothing_is_begun_without_time(session):
    door, pks = Door(), schedule(session)
    assert backchannel_logout.deliver(pks, door=door, begin_within=0).delivered == 0
    assert not door.sent
    assert backchannel_logout.due_deliveries(limit=10) == pks
