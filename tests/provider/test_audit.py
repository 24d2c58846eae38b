"""The audit trail and the event."""

import pytest
from django.test import RequestFactory

from codeflow.provider import audit
from codeflow.provider.models import AuditEvent
from codeflow.signals import flow_event

pytestmark = pytest.mark.django_db


def test_row_and_event_say_the_same(events):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    audit.record("code.issued", request=request, client_id="shop", user_pk=7, reason="r", step=3, digests={"code": "d"})
    row = AuditEvent.objects.get()
    assert (row.event, row.outcome, row.client_id, row.user_pk, row.reason, row.address) == (
        "code.issued", "ok", "shop", "7", "r", "192.0.2.7"
    )  # fmt: skip
    assert str(row) == "code.issued ok"
    (event,) = events
    assert (event.name, event.client_id, event.user_pk, event.step, event.role) == (
        "code.issued",
        "shop",
        "7",
        3,
        "provider",
    )


@pytest.mark.spec("RFC 6819", "5.1.4", "what is written down cannot forge a line")
def test_what_requests_send_is_cleaned_and_cut():
    audit.record("x", client_id="a\r\nb\x00\u202e" + "c" * 300, reason="r\n" * 100, address="unix:")
    row = AuditEvent.objects.get()
    assert row.client_id.startswith("a??b??c")
    assert len(row.client_id) <= 255
    assert row.client_id.isprintable()
    assert len(row.reason) <= 64
    assert row.address is None


def test_failing_listener_breaks_nothing():
    def fail(**kwargs):
        raise RuntimeError

    flow_event.connect(fail, weak=False)
    try:
        audit.record("x")
    finally:
        flow_event.disconnect(fail)
    assert AuditEvent.objects.count() == 1


def test_support_codes_are_readable():
    codes = {audit.new_reference() for _ in range(200)}
    assert len(codes) > 190
    for code in codes:
        assert len(code) == 7
        assert code[4] == "-"
        assert not set("AEIOU01L") & set(code)


@pytest.mark.spec("RFC 6819", "5.1.4", "security events are recorded")
def test_trail_of_a_round(signed_in, party, user, audit_trail):
    from tests.provider.exchange import tokens_for

    tokens = tokens_for(signed_in, party)
    party.refresh(tokens["refresh_token"])
    party.redeem("no-such-code")
    party.revoke(tokens["refresh_token"])
    signed_in.open("/o/logout/")
    signed_in.submit("codeflow-logout")
    trail = audit_trail()
    for event in (
        ("code.issued", "ok", ""),
        ("token.issued", "ok", ""),
        ("token.refreshed", "ok", ""),
        ("token.refused", "refused", "unknown_code"),
        ("session.ended", "ok", ""),
    ):
        assert event in trail
