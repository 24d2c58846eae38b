"""Clients in the admin: three answers, errors in words, and who may do what."""

import pytest
from django.contrib.admin.models import LogEntry

from codeflow.provider.models import AccessToken, AuditEvent, Client, ClientSecret, Consent
from tests.provider.admin.conftest import (
    ADD,
    CALLBACK,
    change,
    changelist,
    client_form,
    filled_in,
    management_form,
    staff_with,
)
from tests.provider.factories import AccessTokenFactory, ClientFactory, ConsentFactory, RefreshTokenFactory

pytestmark = pytest.mark.django_db


def events(name):
    return list(AuditEvent.objects.filter(event=name).order_by("pk"))


def test_add_form_asks_three_questions_first_and_offers_no_other_grant(boss):
    boss.open(ADD)
    text = boss.text()
    first, _, more = text.partition("<details")
    assert 'name="client_type"' in first
    assert 'name="name"' in first
    assert 'name="redirect_uris"' in first
    assert first.count('class="form-row') == 3
    assert 'name="scope"' in more
    assert "The implicit and the password grant do not exist here" in boss.said()
    for word in ("authorization_grant_type", "password", "implicit", "client-credentials", "HS256"):
        assert f'value="{word}"' not in text
        assert f'name="{word}"' not in text


def test_three_answers_make_a_client_with_sensible_defaults(boss):
    boss.post(ADD, **client_form())
    client = Client.objects.get()
    assert (client.name, client.redirect_uris) == ("Shop", CALLBACK)
    assert client.allowed_scopes == {"openid", "profile", "email", "offline_access"}
    assert client.needs_pkce
    assert not client.is_public
    assert ClientSecret.objects.get().client == client
    [event] = events("client.registered")
    assert (event.client_id, event.user_pk) == ("shop", str(boss.user.pk))


def test_what_the_add_form_shows_can_be_posted_as_it_is(boss):
    posted = filled_in(boss.open(ADD))
    boss.post(ADD, **{**posted, "name": "Shop", "redirect_uris": CALLBACK})
    client = Client.objects.get()
    assert [client.client_id] == posted["client_id"]
    assert not client.is_public
    assert client.scope == "openid profile email address phone offline_access"


@pytest.mark.parametrize("public", [False, True])
def test_what_the_change_form_shows_can_be_posted_as_it_is(registrar, public):
    client = ClientFactory(public=public, scope="openid")
    registrar.open(change(client))
    registrar.post(change(client), **{**filled_in(registrar.page), "name": "New name"})
    assert registrar.page.status_code == 302, registrar.said()
    after = Client.objects.get()
    assert (after.name, after.is_public, after.scope) == ("New name", public, "openid")
    assert events("client.changed")[0].reason == "name"


def test_public_client_gets_no_secret_but_its_key_and_settings(boss):
    boss.post(ADD, **client_form(client_type="public", client_id="app"))
    assert boss.page.status_code == 200
    assert not ClientSecret.objects.exists()
    assert "app" in boss.said()
    assert "PKCE protects it" in boss.said()
    assert "client_secret" not in boss.said()
    assert "import os" not in boss.said()


def test_sending_the_form_twice_makes_one_client(boss):
    boss.post(ADD, **client_form())
    boss.post(ADD, **client_form())
    assert Client.objects.count() == 1
    assert "already exists" in boss.said()


@pytest.mark.parametrize(
    ("uris", "words"),
    [
        ("", ["Name at least one address"]),
        ("shop.example/cb", ["shop.example/cb", "Did you mean https://shop.example/cb?"]),
        ("http://shop.example/cb", ["http://shop.example/cb", "Use https"]),
        ("https://shop.example/cb\nhttps://shop.example/cb#x", ["https://shop.example/cb#x", "fragment"]),
        ("https://*.shop.example/cb", ["wildcard"]),
        ("https://shop.example/my page", ["https://shop.example/my page", "holds a space", "one address per line"]),
        ("https://shop.example/cb\nhttps://shop.example/cb", ["listed twice"]),
        ("com.example.app:/cb", ["register the client as public"]),
    ],
)
def test_bad_redirect_uri_is_told_in_words_and_nothing_is_saved(boss, uris, words):
    boss.post(ADD, **client_form(redirect_uris=uris))
    for word in words:
        assert word in boss.said()
    assert not Client.objects.exists()
    assert not AuditEvent.objects.exclude(event="login.succeeded").exists()


def test_redirect_uris_are_entered_one_per_line_and_shown_so(boss):
    boss.post(ADD, **client_form(redirect_uris=f"  {CALLBACK} \r\n\r\nhttp://127.0.0.1:8001/cb\r\n"))
    client = Client.objects.get()
    assert client.redirect_uris == f"{CALLBACK}\nhttp://127.0.0.1:8001/cb"
    Client.objects.update(redirect_uris=f"{CALLBACK} https://b.example/")
    boss.open(change(client))
    assert f"{CALLBACK}\nhttps://b.example/</textarea>" in boss.text()


def test_change_is_recorded_with_the_fields_that_changed(registrar):
    client = ClientFactory(scope="openid", redirect_uris=CALLBACK, post_logout_redirect_uris="")
    data = client_form(name="Shop 2", redirect_uris="https://b.example/cb", scope=["openid"])
    registrar.post(change(client), **data, **management_form())
    assert registrar.page.status_code == 302, registrar.said()
    client.refresh_from_db()
    assert (client.name, client.redirect_uris) == ("Shop 2", "https://b.example/cb")
    [event] = events("client.changed")
    assert event.reason == "name redirect_uris"
    assert event.user_pk == str(registrar.user.pk)


def test_saving_without_a_change_records_nothing(registrar):
    client = ClientFactory(name="Shop", scope="openid", redirect_uris=CALLBACK, post_logout_redirect_uris="")
    registrar.post(change(client), **client_form(scope=["openid"]), **management_form())
    assert registrar.page.status_code == 302, registrar.said()
    assert events("client.changed") == []


@pytest.mark.spec("RFC 9700", "2.1.1", "a public client is never exempt from PKCE")
def test_public_client_cannot_leave_pkce_out(boss):
    data = client_form(client_type="public")
    del data["pkce_required"]
    boss.post(ADD, **data)
    assert "always needs PKCE" in boss.said()


def test_type_and_key_cannot_be_changed_afterwards(boss):
    client = ClientFactory(scope="openid")
    data = client_form(client_type="public", client_id="other", scope=["openid"])
    boss.post(change(client), **data, **management_form())
    assert boss.page.status_code == 302, boss.said()
    after = Client.objects.get()
    assert not after.is_public
    assert after.client_id == client.client_id


def test_only_a_superuser_spares_people_the_question(registrar, boss):
    client = ClientFactory(scope="openid", name="Shop")
    why = "our own site"
    data = client_form(scope=["openid"], skip_authorization="on", skip_authorization_reason=why)
    registrar.post(change(client), **data, **management_form())
    assert registrar.page.status_code == 302, registrar.said()
    assert not Client.objects.get().skip_authorization
    boss.post(change(client), **data, **management_form())
    assert Client.objects.get().skip_authorization
    assert events("client.changed")[-1].reason.endswith("skip_authorization skip_authorization_reason")
    boss.open(changelist("client"))
    assert f"people are not asked: {why}" in boss.said()


@pytest.mark.spec("RFC 6749", "10.2", "people who are not asked are not sent elsewhere")
def test_only_a_superuser_moves_a_client_that_spares_people_the_question(registrar, boss):
    client = ClientFactory(scope="openid", name="Shop", redirect_uris=CALLBACK, skip_authorization=True)
    data = client_form(
        scope=["openid"],
        name="Moved",
        redirect_uris="https://evil.example/cb",
        skip_authorization="on",
        skip_authorization_reason="our own site",
    )
    registrar.post(change(client), **data, **management_form())
    assert registrar.page.status_code == 302, registrar.said()
    after = Client.objects.get()
    assert (after.name, after.redirect_uris, after.skip_authorization) == ("Moved", CALLBACK, True)
    assert events("client.changed")[-1].reason == "name post_logout_redirect_uris"
    registrar.open(change(client))
    assert 'name="redirect_uris"' not in registrar.text()
    assert CALLBACK in registrar.said()
    boss.post(change(client), **data, **management_form())
    assert boss.page.status_code == 302, boss.said()
    assert Client.objects.get().redirect_uris == "https://evil.example/cb"


def test_change_form_of_a_client_that_spares_the_question_can_be_posted_as_it_is(registrar):
    client = ClientFactory(scope="openid", redirect_uris=CALLBACK, skip_authorization=True, may_introspect=True)
    registrar.open(change(client))
    registrar.post(change(client), **{**filled_in(registrar.page), "name": "New name"})
    assert registrar.page.status_code == 302, registrar.said()
    after = Client.objects.get()
    assert (after.name, after.redirect_uris) == ("New name", CALLBACK)
    assert after.skip_authorization
    assert after.may_introspect


@pytest.mark.spec("RFC 7662", "4", "who may look into others' tokens is decided with care")
def test_only_a_superuser_lets_a_client_look_into_others_tokens(registrar, boss):
    registrar.post(ADD, **client_form(may_introspect="on"))
    client = Client.objects.get()
    assert not client.may_introspect
    data = client_form(scope=["openid"], may_introspect="on")
    registrar.post(change(client), **data, **management_form())
    assert registrar.page.status_code == 302, registrar.said()
    assert not Client.objects.get().may_introspect
    boss.post(change(client), **data, **management_form())
    assert Client.objects.get().may_introspect


def test_scope_that_the_server_no_longer_offers_is_shown_and_can_be_taken_off(boss):
    client = ClientFactory(scope="openid old.api")
    boss.open(change(client))
    assert "old.api: no longer offered" in boss.said()
    boss.post(change(client), **client_form(scope=["openid", "old.api"]), **management_form())
    assert "Unknown scope: old.api" in boss.said()
    boss.post(change(client), **client_form(scope=["openid"]), **management_form())
    assert boss.page.status_code == 302
    assert Client.objects.get().scope == "openid"


def test_list_shows_state_and_finds_by_name_key_and_host(boss):
    ClientFactory(name="Shop", client_id="k1", redirect_uris="https://one.example/")
    ClientFactory(name="Blog", client_id="k2", redirect_uris="https://two.example/", is_active=False)
    ClientFactory(name="Empty", client_id="k3", redirect_uris="")
    boss.open(changelist("client"))
    for word in ("active", "disabled", "no redirect URI", "k1"):
        assert word in boss.said()
    for query in ("Shop", "k1", "one.example"):
        boss.open(f"{changelist('client')}?q={query}")
        assert "k1" in boss.said()
        assert "k2" not in boss.said()


def test_list_takes_as_many_statements_for_a_hundred_clients_as_for_one(boss, count_statements):
    AccessTokenFactory()
    boss.open(changelist("client"))
    with count_statements() as of_one:
        boss.open(changelist("client"))
    for client in ClientFactory.create_batch(99):
        AuditEvent.objects.create(event="code.issued", outcome="ok", client_id=client.client_id)
    with count_statements(at_most=len(of_one)):
        boss.open(changelist("client"))
    assert len(of_one) <= 13
    assert boss.page.context["cl"].result_count == 100


def test_disabling_asks_first_and_says_how_many_lose_access(registrar):
    client = ClientFactory()
    token = AccessTokenFactory(application=client)
    RefreshTokenFactory(application=client, user=token.user)
    AccessTokenFactory(application=client)
    registrar.act("client", "disable", client)
    assert "Lose access at once: 2 people, 3 tokens" in registrar.said()
    assert Client.objects.get(pk=client.pk).is_active
    registrar.act("client", "disable", client, confirmed="yes")
    assert registrar.page.status_code == 302
    assert not Client.objects.get(pk=client.pk).is_active
    [event] = events("client.disabled")
    assert (event.client_id, event.user_pk) == (client.client_id, str(registrar.user.pk))
    registrar.act("client", "enable", client)
    assert "1 client works again." in registrar.said()
    assert not Client.objects.get(pk=client.pk).is_active
    registrar.act("client", "enable", client, confirmed="yes")
    assert Client.objects.get(pk=client.pk).is_active
    assert len(events("client.enabled")) == 1


def test_confirmation_posts_the_whole_selection_again(registrar):
    first, second = ClientFactory(), ClientFactory()
    registrar.act("client", "disable", first, select_across="1")
    assert 'name="select_across" value="1"' in registrar.text()
    registrar.act("client", "disable", first, select_across="1", confirmed="yes")
    assert not Client.objects.filter(is_active=True).exists()
    assert {event.client_id for event in events("client.disabled")} == {first.client_id, second.client_id}


def test_long_selection_is_shown_in_part(registrar):
    rows = ClientFactory.create_batch(23)
    registrar.act("client", "disable", *rows)
    assert "and 3 more" in registrar.said()
    assert registrar.text().count('name="_selected_action"') == 23


def test_all_tokens_of_a_client_are_revoked_after_a_question():
    staff = staff_with("view_client", "revoke_tokens")
    token, other = AccessTokenFactory(), AccessTokenFactory()
    staff.act("client", "end_grants", token.application)
    assert "1 person, 1 token" in staff.said()
    staff.act("client", "end_grants", token.application, confirmed="yes")
    token.refresh_from_db()
    other.refresh_from_db()
    assert token.revoked
    assert not other.revoked
    assert events("tokens.revoked")[0].client_id == token.application.client_id


def test_staff_without_the_permission_cannot_act(registrar):
    token = AccessTokenFactory()
    registrar.act("client", "end_grants", token.application, confirmed="yes")
    token.refresh_from_db()
    assert not token.revoked
    viewer = staff_with("view_client")
    viewer.act("client", "disable", token.application, confirmed="yes")
    assert Client.objects.get(pk=token.application_id).is_active


def test_nobody_but_a_superuser_deletes_a_client(registrar, boss):
    client = ClientFactory()
    assert registrar.post(f"{change(client).removesuffix('change/')}delete/", post="yes").status_code == 403
    boss.open(changelist("client"))
    assert "delete_selected" not in boss.text()


def test_deleting_says_what_it_does_and_takes_every_token_along(boss):
    consent = ConsentFactory()
    AccessTokenFactory(application=consent.client, user=consent.user)
    client_id, url = consent.client.client_id, f"{change(consent.client).removesuffix('change/')}delete/"
    boss.open(url)
    assert "Lose access at once: 1 person, 1 token" in boss.said()
    boss.post(url, post="yes")
    assert boss.page.status_code == 302
    assert not Client.objects.exists()
    assert not AccessToken.objects.exists()
    assert not Consent.objects.exists()
    assert events("client.deleted")[0].client_id == client_id


def test_deleting_a_person_takes_what_was_issued_for_them_along(boss):
    consent = ConsentFactory()
    AccessTokenFactory(application=consent.client, user=consent.user)
    RefreshTokenFactory(application=consent.client, user=consent.user)
    boss.post(f"/admin/auth/user/{consent.user_id}/delete/", post="yes")
    assert boss.page.status_code == 302, boss.said()
    assert not AccessToken.objects.exists()
    assert not Consent.objects.exists()


def test_names_and_addresses_are_escaped(boss):
    script = "<script>alert(1)</script>"
    client = ClientFactory(name=script)
    for url in (changelist("client"), change(client), f"{change(client).removesuffix('change/')}rotate-secret/"):
        boss.open(url)
        assert script not in boss.page.content.decode()
        assert "&lt;script&gt;" in boss.page.content.decode()
    boss.act("client", "disable", client)
    assert script not in boss.page.content.decode()


def test_history_tells_of_the_change_without_values(boss):
    boss.post(ADD, **client_form())
    entry = LogEntry.objects.get()
    assert "cfs_" not in entry.change_message
    assert entry.object_repr == "Shop"
