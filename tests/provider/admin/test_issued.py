"""Codes, tokens, consents, sessions, keys and events in the admin: looked at, ended, never made or edited."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from codeflow.provider import audit, keys
from codeflow.provider.admin import IDTokenAdmin
from codeflow.provider.models import AuditEvent, Consent, LogoutDelivery, ProviderSession, SigningKey
from tests.provider.admin.conftest import change, changelist, staff_with
from tests.provider.factories import (
    AccessTokenFactory,
    ClientFactory,
    CodeFactory,
    ConsentFactory,
    ProviderSessionFactory,
    RefreshTokenFactory,
)

pytestmark = pytest.mark.django_db


def past(**length):
    return timezone.now() - timedelta(**length)


def delivery():
    return LogoutDelivery.objects.create(client=ClientFactory(), sub="1", sid="x")


def key():
    keys.signing_key("RS256")
    return SigningKey.objects.get()


def event():
    audit.record("token.issued", client_id="shop", user_pk=1, reference="7F3K-Q2")
    return AuditEvent.objects.get(reference="7F3K-Q2")


ROWS = {
    "accesstoken": AccessTokenFactory,
    "refreshtoken": RefreshTokenFactory,
    "authorizationcode": CodeFactory,
    "consent": ConsentFactory,
    "providersession": ProviderSessionFactory,
    "signingkey": key,
    "auditevent": event,
    "logoutdelivery": delivery,
}


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("model", ROWS)
def test_rows_are_looked_at_and_neither_added_changed_nor_deleted(boss, model):
    row = ROWS[model]()
    before = values(type(row).objects.get(pk=row.pk))
    assert boss.open(changelist(model)).status_code == 200
    assert str(row.pk) in boss.text()
    assert boss.open(change(row)).status_code == 200
    assert 'type="submit" value="Save"' not in boss.text()
    assert boss.open(reverse(f"admin:codeflow_provider_{model}_add")).status_code == 403
    assert boss.post(reverse(f"admin:codeflow_provider_{model}_add")).status_code == 403
    assert boss.post(change(row), scope="openid", user="1").status_code == 403
    assert boss.post(reverse(f"admin:codeflow_provider_{model}_delete", args=(row.pk,)), post="yes").status_code == 403
    boss.act(model, "delete_selected", row, post="yes")
    assert type(row).objects.filter(pk=row.pk).exists()
    assert values(type(row).objects.get(pk=row.pk)) == before


@pytest.mark.parametrize("model", ROWS)
def test_rows_are_for_staff_with_the_permission_to_view_them(model):
    row = ROWS[model]()
    assert staff_with().open(changelist(model)).status_code == 403
    viewer = staff_with(f"view_{model}")
    assert viewer.open(changelist(model)).status_code == 200
    assert viewer.open(change(row)).status_code == 200


@pytest.mark.parametrize("model", ROWS)
def test_every_list_can_be_searched_or_filtered(boss, model):
    ROWS[model]()
    assert boss.open(f"{changelist(model)}?q=nobody").status_code == 200


def test_id_tokens_are_hidden(boss):
    assert "ID tokens" not in boss.open("/admin/").content.decode()
    assert boss.open(changelist("idtoken")).status_code == 403
    assert not IDTokenAdmin.has_module_permission(None, None)


@pytest.mark.parametrize(
    ("make", "state"),
    [
        (AccessTokenFactory, "live"),
        (lambda: AccessTokenFactory(expires=past(hours=1)), "expired"),
        (lambda: AccessTokenFactory(revoked=past(hours=1)), "revoked"),
        (RefreshTokenFactory, "live"),
        (lambda: RefreshTokenFactory(used_at=past(hours=1)), "used"),
        (lambda: RefreshTokenFactory(expires=past(hours=1)), "expired"),
        (lambda: RefreshTokenFactory(family_expires=past(hours=1)), "expired"),
        (lambda: RefreshTokenFactory(revoked=past(hours=1)), "revoked"),
        (CodeFactory, "live"),
        (lambda: CodeFactory(redeemed_at=past(hours=1)), "used"),
        (lambda: CodeFactory(expires=past(hours=1)), "expired"),
    ],
)
def test_state_is_shown_and_filtered_alike(boss, make, state):
    row = make()
    url = changelist(row._meta.model_name)
    page = boss.open(url)
    assert re.findall(r'class="field-state[^>]*>([^<]+)<', page.content.decode()) == [state]
    found = {
        name: boss.open(f"{url}?state={name}").context["cl"].result_count
        for name in page.context["cl"].model_admin.states
    }
    assert found == {name: int(name == state) for name in found}


def test_token_of_a_disabled_client_is_said_to_be_so(boss):
    AccessTokenFactory(application__is_active=False)
    boss.open(changelist("accesstoken"))
    assert "client disabled" in boss.said()


def test_revoking_a_token_ends_its_family_after_a_question():
    staff = staff_with("view_accesstoken", "revoke_tokens")
    token, stranger = AccessTokenFactory(), AccessTokenFactory()
    sibling = RefreshTokenFactory(token_family=token.token_family, application=token.application, user=token.user)
    staff.act("accesstoken", "revoke", token)
    assert "Each grant ends at once with all of its tokens" in staff.said()
    token.refresh_from_db()
    assert not token.revoked
    staff.act("accesstoken", "revoke", token, confirmed="yes")
    for row in (token, sibling, stranger):
        row.refresh_from_db()
    assert token.revoked
    assert sibling.revoked
    assert not stranger.revoked
    [recorded] = AuditEvent.objects.filter(event="tokens.revoked")
    assert recorded.client_id == token.application.client_id
    assert (recorded.user_pk, recorded.reason) == (str(staff.user.pk), f"user {token.user_id}")


def test_revoking_needs_its_permission():
    staff = staff_with("view_refreshtoken", "change_refreshtoken", "delete_refreshtoken")
    token = RefreshTokenFactory()
    staff.act("refreshtoken", "revoke", token, confirmed="yes")
    token.refresh_from_db()
    assert not token.revoked


def test_withdrawing_a_consent_ends_what_was_issued_under_it():
    staff = staff_with("view_consent", "revoke_tokens")
    consent = ConsentFactory()
    token = AccessTokenFactory(user=consent.user, application=consent.client)
    code = CodeFactory(user=consent.user, application=consent.client)
    other = AccessTokenFactory(user=consent.user)
    staff.act("consent", "withdraw", consent)
    assert Consent.objects.exists()
    staff.act("consent", "withdraw", consent, confirmed="yes")
    assert not Consent.objects.exists()
    for row in (token, code, other):
        row.refresh_from_db()
    assert token.revoked
    assert code.redeemed_at
    assert not other.revoked
    recorded = AuditEvent.objects.get(event="consent.withdrawn")
    assert (recorded.client_id, recorded.reason) == (consent.client.client_id, f"user {consent.user_id}")


def test_signing_out_ends_the_session_and_its_tokens():
    staff = staff_with("view_providersession", "revoke_tokens")
    session, ended = ProviderSessionFactory(), ProviderSessionFactory(ended_at=past(hours=1))
    token = AccessTokenFactory(session=session, user=session.user)
    staff.act("providersession", "sign_out", session, ended)
    assert "has to sign in again" in staff.said()
    staff.act("providersession", "sign_out", session, ended, confirmed="yes")
    token.refresh_from_db()
    assert token.revoked
    assert not ProviderSession.objects.filter(ended_at=None).exists()
    recorded = AuditEvent.objects.get(event="session.ended")
    assert (recorded.user_pk, recorded.reason) == (str(staff.user.pk), f"user {session.user_id}")
    for state, shown in (("open", 0), ("ended", 2), ("", 2)):
        page = staff.open(f"{changelist('providersession')}?state={state}")
        assert page.context["cl"].result_count == shown


def test_key_is_shown_with_its_state_and_public_part_alone(boss):
    row = key()
    now = timezone.now()
    keys.make_key("RS256", generation=2, active_from=now + timedelta(days=1))
    boss.open(changelist("signingkey"))
    assert "signing" in boss.said()
    assert "next: published" in boss.said()
    boss.open(change(row))
    assert row.public_jwk["n"] in boss.text()
    assert row.private_key not in boss.text()
    assert "private" not in boss.said()


def test_events_are_found_by_support_code_client_and_person(boss):
    event()
    audit.record("token.refused", client_id="blog", user_pk=2, reference="BBBB-22", outcome="refused")
    for query in ("7F3K-Q2", "shop", "token.issued"):
        boss.open(f"{changelist('auditevent')}?q={query}")
        assert "shop" in boss.said()
        assert "blog" not in boss.said()
    boss.open(f"{changelist('auditevent')}?outcome__exact=refused")
    assert boss.page.context["cl"].result_count == 1
