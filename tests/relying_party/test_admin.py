"""The admin's pages: what staff may end, and that no token is ever on them."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from codeflow.relying_party.linking import without_another_way_in
from codeflow.relying_party.models import Identity, RPSession, TokenGrant

MODELS = {"identity": Identity, "tokengrant": TokenGrant, "rpsession": RPSession}


@pytest.fixture
def staff(site: Any, browser: Any) -> Client:
    site.MIDDLEWARE = [*site.MIDDLEWARE, "django.contrib.messages.middleware.MessageMiddleware"]
    browser.sign_in()
    client = Client()
    boss = get_user_model().objects.create_superuser("boss", password="x")
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(name: str, kind: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:codeflow_relying_party_{name}_{kind}", args=args)


def act(client: Client, name: str, action: str, *, confirmed: bool = True) -> Any:
    keys = [str(row.pk) for row in MODELS[name].objects.all()]
    answer = {"confirmed": "yes"} if confirmed else {}
    return client.post(page(name), {"action": action, "_selected_action": keys, **answer}, follow=True)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.spec("ASVS", "8.3", "AR-24: no page of the admin shows a token")
def test_no_page_shows_a_token(staff, name, browser):
    grant = TokenGrant.objects.get()
    row = MODELS[name].objects.get()
    shown = staff.get(page(name)).content.decode() + staff.get(page(name, "change", row.pk)).content.decode()
    secrets = [grant.tokens, grant.held.access_token, grant.held.refresh_token, grant.held.id_token]
    assert [secret for secret in secrets if secret in shown] == []
    assert "delete_selected" not in shown


@pytest.mark.parametrize("name", MODELS)
def test_rows_are_neither_made_nor_changed_by_hand(staff, name):
    row = MODELS[name].objects.get()
    assert staff.get(page(name, "add")).status_code == 403
    assert staff.post(page(name, "change", row.pk), {"scope": "admin"}).status_code == 403


def test_unlinking_ends_sessions_and_tokens(staff, browser, events):
    assert "1 account was unlinked" in act(staff, "identity", "unlink").content.decode()
    assert not any(model.objects.exists() for model in MODELS.values())
    assert browser.client.get("/").json()["user"] == ""
    assert "account_unlinked" in [event.name for event in events]


@pytest.mark.parametrize(
    ("name", "action", "words"),
    [
        ("identity", "unlink", "no other way in: no password here"),
        ("tokengrant", "revoke", "given back to the provider"),
        ("rpsession", "end_sessions", "At the provider the people stay signed in"),
    ],
)
def test_nothing_ends_before_its_question_is_answered(staff, name, action, words):
    assert words in act(staff, name, action, confirmed=False).content.decode()
    assert Identity.objects.exists()
    assert RPSession.objects.exists()
    assert not TokenGrant.objects.exclude(dead_reason="").exists()
    assert not LogEntry.objects.exists()
    act(staff, name, action)
    assert LogEntry.objects.count() == 1


def test_last_way_in_is_never_taken_unnoticed(staff, site):
    identity = Identity.objects.get()
    warning = f"{identity.user} has no other way in"
    assert warning in staff.get(page("identity", "delete", identity.pk)).content.decode()
    identity.user.set_password("x")
    identity.user.save()
    assert warning not in act(staff, "identity", "unlink", confirmed=False).content.decode()


def test_two_links_of_one_person_are_judged_together(staff):
    identity = Identity.objects.get()
    second = Identity.objects.create(
        subject_key="other", provider_key="acme", issuer="https://other.example", sub="2", user=identity.user
    )
    assert without_another_way_in([identity]) == []
    assert without_another_way_in([identity, second]) == [identity.user]
    assert "has no other way in" in act(staff, "identity", "unlink", confirmed=False).content.decode()


def test_linked_accounts_are_found_by_person_and_by_subject(staff):
    identity = Identity.objects.get()
    for query, found in ((identity.user.get_username(), 1), (identity.sub, 1), ("nobody at all", 0)):
        answer = staff.get(page("identity"), {"q": query})
        assert answer.context["cl"].result_count == found, query


@pytest.mark.parametrize("name", MODELS)
def test_list_of_a_hundred_rows_takes_no_more_statements_than_one_row(staff, name, count_statements):
    staff.get(page(name))
    with count_statements() as one:
        staff.get(page(name))
    for number in range(49):
        user = get_user_model().objects.create_user(f"person{number}")
        identity = Identity.objects.create(
            subject_key=f"{number}", provider_key="acme", issuer="https://acme.example", sub=str(number), user=user
        )
        grant = TokenGrant.objects.create(identity=identity, scope="openid", expires_at=1.0)
        RPSession.objects.create(identity=identity, grant=grant, issuer=identity.issuer, id_token_exp=1)
    with count_statements() as many:
        assert staff.get(page(name)).context["cl"].result_count == 50
    assert len(many) == len(one)


def test_ended_session_is_nobodys(staff, browser):
    assert "1 session was ended" in act(staff, "rpsession", "end_sessions").content.decode()
    assert browser.client.get("/").json()["user"] == ""
    assert not TokenGrant.objects.exists()


@pytest.mark.parametrize("configured", [True, False])
def test_revoked_grant_is_revoked_at_the_provider_too(staff, browser, site, op, events, configured):
    if not configured:
        site.CODEFLOW_RELYING_PARTY["PROVIDERS"] = {"other": site.ACME}
    assert "1 grant was revoked" in act(staff, "tokengrant", "revoke").content.decode()
    grant = TokenGrant.objects.get()
    assert (grant.dead_reason, grant.tokens) == ("withdrawn by an administrator", "")
    assert bool(op.refresh_tokens) is not configured
    assert events[-1].name == "reauth_required"
    assert "0 grants were revoked" in act(staff, "tokengrant", "revoke").content.decode()


@pytest.mark.parametrize("name", ["identity", "rpsession"])
def test_deleting_a_row_ends_what_hangs_on_it(staff, browser, name):
    row = MODELS[name].objects.get()
    assert staff.post(page(name, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert browser.client.get("/").json()["user"] == ""
    assert not TokenGrant.objects.exists()


def test_staff_without_the_permission_to_delete_has_no_action(site, staff):
    from django.contrib.auth.models import Permission

    viewer = get_user_model().objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
    for name, action in (("identity", "unlink"), ("tokengrant", "revoke"), ("rpsession", "end_sessions")):
        assert f'value="{action}"' not in client.get(page(name)).content.decode()
        act(client, name, action)
    assert Identity.objects.exists()
    assert RPSession.objects.exists()
