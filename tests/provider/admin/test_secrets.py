"""Secrets in the admin: shown once in the POST's own answer, rotated with an overlap, ended one by one."""

import logging
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from codeflow.provider.clients import secret_matches
from codeflow.provider.models import AuditEvent, Client, ClientSecret
from tests.provider.admin.conftest import (
    ADD,
    change,
    client_form,
    management_form,
    registered,
    secret_on,
    session_text,
    staff_with,
)
from tests.provider.factories import ClientFactory, ClientSecretFactory

pytestmark = pytest.mark.django_db


def rotate_url(client):
    return f"/admin/codeflow_provider/client/{client.pk}/rotate-secret/"


def revoke_url(secret):
    return f"/admin/codeflow_provider/client/{secret.client_id}/secrets/{secret.pk}/revoke/"


def rotate(staff, client, overlap="24"):
    newest = staff.open(rotate_url(client)).context["newest"]
    return staff.post(rotate_url(client), overlap=overlap, newest=newest)


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "a secret is not stored in clear")
def test_secret_is_shown_in_the_answer_to_the_post(registrar):
    page = registrar.post(ADD, **client_form())
    assert page.status_code == 200
    secret = secret_on(page)
    assert secret_matches(secret, ClientSecret.objects.get().hash)
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Frame-Options"] == "DENY"


def test_page_with_the_secret_has_ready_settings_for_the_relying_party(registrar):
    page = registrar.post(ADD, **client_form())
    secret, text = secret_on(page), registrar.text()
    assert f"CODEFLOW_CLIENT_SECRET={secret}" in text
    settings = text.partition('id="settings">')[2].partition("</pre>")[0]
    assert secret not in settings
    scope = {"CODEFLOW_CLIENT_SECRET": secret}
    exec(settings.replace("import os\n", "").replace("os.environ", "environ"), {"environ": scope}, scope)  # noqa: S102
    assert scope["CODEFLOW_RELYING_PARTY"] == {
        "PROVIDERS": {
            "acme": {
                "issuer": "https://testserver/o",
                "client_id": "shop",
                "client_secret": secret,
                "scope": "openid profile email offline_access",
            }
        }
    }


def test_settings_name_a_placeholder_where_issuer_or_callback_are_unknown(registrar, settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": ""}
    registrar.post(ADD, **client_form(redirect_uris="https://shop.example/cb"))
    assert '"provider": {' in registrar.text()
    assert "https://your.host/o" in registrar.text()


def test_page_with_the_secret_needs_no_inline_script_or_style(registrar):
    text = registrar.post(ADD, **client_form()).content.decode()
    ours = text.partition('<div id="content"')[2].partition("<footer")[0]
    assert "<script" not in ours
    assert "style=" not in ours
    assert "onclick" not in ours


def test_secret_is_kept_nowhere(registrar, caplog):
    with caplog.at_level(logging.DEBUG):
        client, secret = registered(registrar)
        second = secret_on(rotate(registrar, client))
    for value in (secret, second):
        assert value not in session_text(registrar)
        assert value not in registrar.browser.cookies.output()
        assert value not in caplog.text
        assert not any(value in entry.change_message + entry.object_repr for entry in LogEntry.objects.all())
        assert not any(value in event.reason + event.event for event in AuditEvent.objects.all())
    assert not any(value in registrar.open(change(client)).content.decode() for value in (secret, second))


def test_change_page_lists_secrets_by_their_last_characters_alone(registrar):
    client, secret = registered(registrar)
    row = client.secrets.get()
    registrar.open(change(client))
    assert f"…{secret[-4:]}" in registrar.said()
    assert row.hash not in registrar.text()
    assert row.hash.removeprefix("sha256$") not in registrar.text()
    assert "Revoke…" in registrar.said()
    assert "Rotate secret" in registrar.said()


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "a stored secret is never shown again")
def test_posted_secret_fields_are_ignored(registrar):
    client, secret = registered(registrar)
    row = client.secrets.get()
    posted = {"client_secret": "x", "secrets-0-id": row.pk, "secrets-0-hash": "sha256$x", "secrets-0-hint": "zzzz"}
    registrar.post(change(client), **client_form(name="New name"), **management_form(1), **posted)
    assert Client.objects.get().name == "New name"
    after = client.secrets.get()
    assert (after.hash, after.hint) == (row.hash, secret[-4:])


@pytest.mark.parametrize(("hours", "overlap"), [("1", 1), ("24", 24), ("168", 168), ("0", 0)])
def test_rotation_shows_the_new_secret_and_lets_the_old_one_work_on(registrar, hours, overlap):
    client, old = registered(registrar)
    page = rotate(registrar, client, hours)
    new = secret_on(page)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    old_row, new_row = client.secrets.order_by("pk")
    assert secret_matches(old, old_row.hash)
    assert secret_matches(new, new_row.hash)
    assert abs(old_row.expires - timezone.now() - timedelta(hours=overlap)) < timedelta(minutes=1)
    event = AuditEvent.objects.get(event="secret.rotated")
    assert (event.client_id, event.user_pk) == ("shop", str(registrar.user.pk))
    assert LogEntry.objects.latest("pk").get_change_message() == "Made a new secret."


def test_rotation_is_asked_first_and_tells_which_secrets_work(registrar):
    client, secret = registered(registrar)
    registrar.open(rotate_url(client))
    assert f"…{secret[-4:]}, never used" in registrar.said()
    for choice in ("1 hour", "24 hours", "7 days"):
        assert choice in registrar.said()
    assert client.secrets.count() == 1


def test_rotation_without_a_choice_asks_again(registrar):
    client, _ = registered(registrar)
    newest = client.secrets.get().pk
    registrar.post(rotate_url(client), newest=newest, overlap="9999")
    assert registrar.page.status_code == 200
    assert client.secrets.count() == 1


def test_reloading_the_answer_makes_no_further_secret(registrar):
    client, _ = registered(registrar)
    newest = client.secrets.get().pk
    registrar.post(rotate_url(client), newest=newest, overlap="24")
    registrar.post(rotate_url(client), newest=newest, overlap="24")
    assert "A secret was made meanwhile" in registrar.said()
    assert "cfs_" not in registrar.text()
    assert client.secrets.count() == 2


def test_client_whose_secrets_are_gone_can_get_one(registrar):
    client = ClientFactory()
    client.secrets.all().delete()
    secret = secret_on(rotate(registrar, client))
    assert secret_matches(secret, client.secrets.get().hash)


def test_revoking_asks_first_and_ends_one_secret(registrar):
    client, old = registered(registrar)
    rotate(registrar, client)
    old_row, new_row = client.secrets.order_by("pk")
    registrar.open(revoke_url(old_row))
    assert f"Revoke the secret …{old[-4:]}" in registrar.said()
    assert "goes on with its other secret" in registrar.said()
    assert old_row.is_live()
    registrar.post(revoke_url(old_row))
    assert registrar.page.status_code == 302
    live = [row.pk for row in client.secrets.all() if row.is_live()]
    assert live == [new_row.pk]
    event = AuditEvent.objects.get(event="secret.revoked")
    assert event.reason == f"ends in {old[-4:]}"
    registrar.post(revoke_url(old_row))
    assert AuditEvent.objects.filter(event="secret.revoked").count() == 1
    registrar.open(change(client))
    assert "ended" in registrar.said()


def test_revoking_the_only_secret_warns(registrar):
    client, _ = registered(registrar)
    registrar.open(revoke_url(client.secrets.get()))
    assert "has no other one" in registrar.said()


def test_secret_of_another_client_is_not_found(registrar):
    secret = ClientSecretFactory()
    url = f"/admin/codeflow_provider/client/{ClientFactory().pk}/secrets/{secret.pk}/revoke/"
    assert registrar.post(url).status_code == 404
    secret.refresh_from_db()
    assert secret.is_live()


def test_public_client_has_nothing_to_rotate(boss):
    client = ClientFactory(public=True)
    assert boss.open(rotate_url(client)).status_code == 404
    boss.open(change(client))
    assert "Rotate secret" not in boss.said()
    assert "Ends in" not in boss.said()


def test_unknown_client_has_nothing_to_rotate(boss):
    assert boss.open("/admin/codeflow_provider/client/999/rotate-secret/").status_code == 404


@pytest.mark.parametrize("permissions", [("view_client", "change_client"), ("rotate_secret",)])
def test_rotating_and_revoking_need_their_permission(permissions):
    staff, secret = staff_with(*permissions), ClientSecretFactory()
    before = ClientSecret.objects.count()
    for url in (rotate_url(secret.client), revoke_url(secret)):
        assert staff.open(url).status_code == 403
        assert staff.post(url, overlap="24", newest=secret.pk).status_code == 403
    secret.refresh_from_db()
    assert secret.is_live()
    assert ClientSecret.objects.count() == before


def test_staff_who_only_look_see_no_secrets():
    staff, secret = staff_with("view_client"), ClientSecretFactory()
    staff.open(change(secret.client))
    assert staff.page.status_code == 200
    assert "Rotate secret" not in staff.said()
    assert "Ends in" not in staff.said()
    assert f"…{secret.hint}" not in staff.said()


def test_staff_who_may_see_secrets_need_not_be_able_to_revoke_them():
    staff, secret = staff_with("view_client", "view_clientsecret"), ClientSecretFactory()
    staff.open(change(secret.client))
    assert f"…{secret.hint}" in staff.said()
    assert "Revoke…" not in staff.said()


def test_strangers_reach_none_of_these_pages(client):
    secret = ClientSecretFactory()
    for url in (rotate_url(secret.client), revoke_url(secret)):
        assert client.post(url, secure=True).status_code == 302
    secret.refresh_from_db()
    assert secret.is_live()


def env_url(client):
    return f"/admin/codeflow_provider/client/{client.pk}/env/"


def test_secret_is_downloaded_through_the_body_of_a_request(registrar, caplog):
    client, secret = registered(registrar)
    assert f'action="{env_url(client)}"' in registrar.text()
    with caplog.at_level(logging.DEBUG):
        page = registrar.post(env_url(client), client_secret=secret)
    assert page.status_code == 200
    assert page.content.decode() == f"CODEFLOW_CLIENT_SECRET={secret}\n"
    assert page.headers["Content-Disposition"] == f'attachment; filename="{client.pk}.env"'
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert secret not in session_text(registrar)
    assert secret not in caplog.text
    assert secret not in page.request["PATH_INFO"] + page.request["QUERY_STRING"]


def test_download_gives_back_nothing_but_a_live_secret_of_this_client(registrar):
    client, secret = registered(registrar)
    other, others = registered(registrar, client_id="other")
    for value in ("", "x", "<script>", "x" * 600, others):
        assert registrar.post(env_url(client), client_secret=value).status_code == 403
    assert registrar.open(f"{env_url(client)}?client_secret={secret}").status_code == 403
    client.secrets.update(expires=timezone.now())
    assert registrar.post(env_url(client), client_secret=secret).status_code == 403
    staff = staff_with("view_client", "change_client")
    assert staff.post(env_url(other), client_secret=others).status_code == 403


def test_rotation_lets_the_old_one_work_until_a_moment_that_is_named(registrar):
    client, _ = registered(registrar)
    newest = registrar.open(rotate_url(client)).context["newest"]
    until = timezone.localtime(timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0, tzinfo=None)
    registrar.post(rotate_url(client), newest=newest, overlap="date", until=f"{until:%Y-%m-%dT%H:%M}")
    secret_on(registrar.page)
    old = client.secrets.order_by("pk").first()
    assert abs(timezone.localtime(old.expires).replace(tzinfo=None) - until) < timedelta(seconds=1)


@pytest.mark.parametrize("until", ["", "2020-01-01T00:00", "2999-01-01T00:00", "soon"])
def test_moment_that_cannot_be_meant_is_told(registrar, until):
    client, _ = registered(registrar)
    newest = registrar.open(rotate_url(client)).context["newest"]
    registrar.post(rotate_url(client), newest=newest, overlap="date", until=until)
    assert registrar.page.status_code == 200
    assert registrar.page.context["form"].errors["until"]
    assert client.secrets.count() == 1


def test_banner_tells_that_the_old_secret_is_still_used(registrar):
    client, old = registered(registrar)
    rotate(registrar, client)
    row = client.secrets.order_by("pk").first()
    registrar.open(change(client))
    assert f"The old secret …{old[-4:]} was never used" in registrar.said()
    ClientSecret.objects.filter(pk=row.pk).update(last_used=timezone.now() - timedelta(minutes=4))
    for url in (change(client), f"/admin/codeflow_provider/client/{client.pk}/overview/"):
        registrar.open(url)
        assert "was last used 4\xa0minutes ago" in registrar.said().replace(" minutes", "\xa0minutes")
        assert "From where is not kept" in registrar.said()
    registrar.open(change(client))
    assert f'href="{revoke_url(row)}">Revoke the old one now' in registrar.text()
    registrar.post(revoke_url(row))
    registrar.open(change(client))
    assert "The old secret" not in registrar.said()


def test_row_of_a_secret_tells_who_made_it_and_when_it_was_used(registrar):
    client, _ = registered(registrar)
    ClientSecretFactory(client=client, value="cfs_by-command")
    registrar.open(change(client))
    assert str(registrar.user) in registrar.said()
    assert "a command, or somebody who is gone" in registrar.said()
    assert client.secrets.order_by("pk").first().made_by == registrar.user


def test_page_with_the_secret_leads_to_the_test_of_the_client(registrar):
    client, secret = registered(registrar)
    assert f'href="/admin/codeflow_provider/client/{client.pk}/test/"' in registrar.text()
    assert f"(…{secret[-4:]})" in registrar.said()
    assert "I have stored it" in registrar.said()


def test_copy_buttons_are_one_static_file_and_values_select_without_it(registrar):
    registered(registrar)
    ours = registrar.text().partition("</head>")[0]
    assert '<script src="/static/codeflow/provider_admin.js" defer></script>' in ours
    assert registrar.text().count('data-words="Copy|Copied"') == 4


def test_warning_beside_a_new_client_does_not_keep_it_from_being_made(registrar):
    registrar.post(ADD, **client_form(redirect_uris="http://localhost:8000/cb"))
    assert "127.0.0.1 is safer than localhost" in registrar.said()
    client = Client.objects.get()
    registrar.post(change(client), **client_form(redirect_uris="http://localhost:9000/cb"), **management_form())
    assert registrar.page.status_code == 302
    registrar.open(change(client))
    assert "127.0.0.1 is safer than localhost" in registrar.said()
