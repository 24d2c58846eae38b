"""Codes, tokens, consents, sessions, keys and events in the admin: looked at, ended, never made or edited."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from codeflow.provider import audit, keys
from codeflow.provider.admin import IDTokenAdmin
from codeflow.provider.models import (
    AccessToken,
    AuditEvent,
    Consent,
    LogoutDelivery,
    ProviderSession,
    RefreshToken,
    SigningKey,
)
from tests.provider.admin.conftest import change, changelist, staff_with
from tests.provider.factories import (
    AccessTokenFactory,
    ClientFactory,
    CodeFactory,
    ConsentFactory,
    ProviderSessionFactory,
    RefreshTokenFactory,
    UserFactory,
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
    viewer = staff_with("view_audit" if model == "auditevent" else f"view_{model}")
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
        (lambda: RefreshTokenFactory(used_at=past(hours=1)), "replaced"),
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


# -- grants, people and clients ---------------------------------------------------------------------------------------


def a_grant(**fields):
    """A redeemed code, a replaced refresh token and its successor, two access tokens."""
    code = CodeFactory(redeemed_at=past(hours=2), **fields)
    same = {"user": code.user, "application": code.application, "token_family": code.pk}
    RefreshTokenFactory(used_at=past(hours=1), **same)
    newest = RefreshTokenFactory(**same)
    AccessTokenFactory(expires=past(hours=1), **same)
    AccessTokenFactory(**same)
    return code, newest


@pytest.mark.parametrize("permission", ["view_accesstoken", "view_refreshtoken", "view_authorizationcode"])
def test_grant_shows_its_chain_from_code_to_newest_token(permission):
    code, _newest = a_grant()
    staff = staff_with(permission)
    staff.open(reverse("admin:codeflow_provider_grant", args=[code.pk]))
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th><td>([^<]+)</td>', staff.page.content.decode())
    assert rows == [
        ("code", "used"),
        ("refresh token", "replaced"),
        ("refresh token", "live"),
        ("access token", "expired"),
        ("access token", "live"),
    ]
    assert "Read your notes" in staff.said()
    assert "Revoke" not in staff.said().replace("Revoked", "")


def test_grant_is_for_those_who_may_look_and_exists():
    code, _newest = a_grant()
    assert staff_with("view_client").open(reverse("admin:codeflow_provider_grant", args=[code.pk])).status_code == 403
    assert (
        staff_with("view_accesstoken").open(reverse("admin:codeflow_provider_grant", args=[10**9])).status_code == 404
    )


def test_grants_page_leads_to_the_question_before_revoking(boss):
    code, newest = a_grant()
    boss.open(reverse("admin:codeflow_provider_grant", args=[code.pk]))
    assert f'value="{newest.pk}"' in boss.text() or 'name="_selected_action"' in boss.text()
    boss.act("refreshtoken", "revoke", newest)
    assert "Lose access at once: 1 person, 2 tokens" in boss.said()
    boss.act("refreshtoken", "revoke", newest, confirmed="yes")
    assert not AccessToken.objects.filter(revoked=None).exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()


@pytest.mark.parametrize(
    ("action", "question", "ended"),
    [
        ("revoke", "Lose access at once: 1 person, 2 tokens", {"same grant"}),
        ("revoke_of_person", "Lose access at once: 1 person, 3 tokens", {"same grant", "same person"}),
        ("revoke_of_client", "Lose access at once: 2 people, 3 tokens", {"same grant", "same client"}),
    ],
)
def test_revoking_reaches_what_its_question_counts(action, question, ended):
    staff = staff_with("view_refreshtoken", "view_accesstoken", "revoke_tokens")
    chosen = RefreshTokenFactory(token_family=77)
    others = {
        "same grant": AccessTokenFactory(
            user=chosen.user, application=chosen.application, token_family=chosen.token_family
        ),
        "same person": AccessTokenFactory(user=chosen.user),
        "same client": AccessTokenFactory(application=chosen.application),
        "stranger": AccessTokenFactory(),
    }
    staff.act("refreshtoken", action, chosen)
    assert question in staff.said()
    assert not AccessToken.objects.exclude(revoked=None).exists()
    staff.act("refreshtoken", action, chosen, confirmed="yes")
    for row in others.values():
        row.refresh_from_db()
    assert {name for name, row in others.items() if row.revoked} == ended
    assert AuditEvent.objects.filter(event="tokens.revoked", user_pk=staff.user.pk).count() == 1


def test_one_access_token_is_revoked_alone():
    staff = staff_with("view_accesstoken", "revoke_tokens")
    token = AccessTokenFactory()
    refresh = RefreshTokenFactory(user=token.user, application=token.application, token_family=token.token_family)
    staff.act("accesstoken", "revoke_alone", token)
    assert "the client can get new ones at once" in staff.said()
    staff.act("accesstoken", "revoke_alone", token, confirmed="yes")
    for row in (token, refresh):
        row.refresh_from_db()
    assert token.revoked
    assert not refresh.revoked
    assert AuditEvent.objects.filter(event="tokens.revoked").count() == 1


def test_question_is_honest_about_jwt_access_tokens(boss):
    token = AccessTokenFactory(application=ClientFactory(access_token_format="jwt"))
    boss.act("accesstoken", "revoke", token)
    assert (
        "1 of them is a JWT access token: servers that check it by themselves take it until it expires" in boss.said()
    )
    session = ProviderSessionFactory(user=token.user)
    AccessTokenFactory(session=session, user=session.user, application=token.application)
    boss.act("providersession", "sign_out", session)
    assert "1 of them is a JWT access token" in boss.said()


@pytest.mark.parametrize(
    ("model", "query", "found"),
    [
        ("accesstoken", "kind=jwt", "jwt"),
        ("accesstoken", "kind=opaque", "opaque"),
        ("accesstoken", "expiring=hour", "jwt"),
        ("accesstoken", "q=person-jwt", "jwt"),
        ("accesstoken", "q=Client-opaque", "opaque"),
        ("refreshtoken", "kind=offline", "offline"),
        ("refreshtoken", "kind=session", "online"),
        ("refreshtoken", "expiring=week", "online"),
    ],
)
def test_tokens_are_filtered_by_kind_and_end(boss, model, query, found):
    soon, later = timezone.now() + timedelta(minutes=9), timezone.now() + timedelta(days=30)
    make = {
        "jwt": lambda: AccessTokenFactory(
            application=ClientFactory(access_token_format="jwt", name="Client-jwt"),
            user=UserFactory(username="person-jwt"),
            expires=soon,
        ),
        "opaque": lambda: AccessTokenFactory(application=ClientFactory(name="Client-opaque"), expires=later),
        "offline": lambda: RefreshTokenFactory(scope="openid offline_access", expires=later),
        "online": lambda: RefreshTokenFactory(scope="openid", expires=soon),
    }
    rows = {name: row() for name, row in make.items()}
    boss.open(f"{changelist(model)}?{query}")
    assert [row.pk for row in boss.page.context["cl"].result_list] == [rows[found].pk]


def test_tokens_of_one_client_are_listed_by_the_client_filter(boss):
    mine, _other = AccessTokenFactory(), AccessTokenFactory()
    boss.open(f"{changelist('accesstoken')}?application__id__exact={mine.application_id}")
    assert [row.pk for row in boss.page.context["cl"].result_list] == [mine.pk]


def test_consent_shows_what_was_allowed_asked_for_and_said(boss):
    consent = ConsentFactory(
        scope="openid notes.read",
        asked_scope="openid notes.read notes.write",
        text={"openid": "Know who you are", "notes.read": "Read your notes, all of them"},
    )
    boss.open(changelist("consent"))
    assert "Change your notes" in boss.said()
    assert consent.text_version in boss.said()
    boss.open(change(consent))
    assert "Read your notes, all of them" in boss.said()
    assert "Withdraw this consent" in boss.said()
    assert len(consent.text_version) == 8
    assert ConsentFactory().text_version == ""


def test_viewers_of_consents_cannot_withdraw_them():
    consent = ConsentFactory()
    viewer = staff_with("view_consent")
    viewer.open(change(consent))
    assert "Withdraw" not in viewer.said()
    viewer.act("consent", "withdraw", consent, confirmed="yes")
    assert Consent.objects.exists()


def test_question_before_withdrawing_counts_the_tokens(boss):
    consent = ConsentFactory()
    AccessTokenFactory(user=consent.user, application=consent.client)
    AccessTokenFactory(user=consent.user)
    boss.act("consent", "withdraw", consent)
    assert "Lose access at once: 1 person, 1 token" in boss.said()


def test_person_is_signed_out_everywhere(boss):
    first = ProviderSessionFactory()
    second, other = ProviderSessionFactory(user=first.user), ProviderSessionFactory()
    boss.act("providersession", "sign_out_everywhere", first)
    assert "2 sessions end." in boss.said()
    assert "Refresh tokens with offline_access go on" in boss.said()
    boss.act("providersession", "sign_out_everywhere", first, confirmed="yes")
    assert [row.pk for row in ProviderSession.objects.filter(ended_at=None)] == [other.pk]
    assert second.pk
    assert AuditEvent.objects.filter(event="session.ended", reason=f"user {first.user_id}").count() == 2


def test_session_names_the_clients_it_is_used_through(boss):
    session = ProviderSessionFactory()
    session.clients.set([ClientFactory(name=f"Client {number}") for number in range(5)])
    boss.open(changelist("providersession"))
    assert "+2" in boss.said()
    boss.open(f"{changelist('providersession')}?client={session.clients.first().pk}")
    assert boss.page.context["cl"].result_count == 1
    assert boss.open(f"{changelist('providersession')}?client=x").status_code == 200
    boss.open(change(session))
    assert all(f"Client {number}" in boss.said() for number in range(5))


@pytest.mark.parametrize("model", [model for model in ROWS if model not in ("signingkey", "auditevent")])
def test_list_of_a_hundred_rows_takes_no_more_statements_than_a_short_one(boss, model, count_statements):
    for _ in range(2):
        ROWS[model]()
    boss.open(changelist(model))
    with count_statements() as few:
        boss.open(changelist(model))
    for _ in range(48):
        ROWS[model]()
    with count_statements() as many:
        boss.open(changelist(model))
    assert len(many) == len(few)
