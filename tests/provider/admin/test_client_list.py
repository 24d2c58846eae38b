"""The list of clients: states in words, figures, filters, search, and actions that are asked first."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from codeflow.provider.models import AuditEvent, Client
from tests.provider.admin.conftest import changelist, staff_with
from tests.provider.factories import (
    AccessTokenFactory,
    ClientFactory,
    ClientSecretFactory,
    ConsentFactory,
    RefreshTokenFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def listed(staff, **filters):
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    page = staff.open(f"{changelist('client')}?{query}")
    assert page.status_code == 200
    return {client.client_id: client.figures for client in page.context["cl"].result_list}


def event(client, name, *, ago, outcome="ok", count=1):
    row = AuditEvent.objects.create(event=name, outcome=outcome, client_id=client.client_id, count=count)
    AuditEvent.objects.filter(pk=row.pk).update(at=timezone.now() - ago)


@pytest.fixture
def zoo(db):
    """One client in each state."""
    soon = ClientFactory(client_id="soon", name="Soon")
    soon.secrets.update(expires=timezone.now() + timedelta(days=5, hours=1))
    ended = ClientFactory(client_id="ended")
    ended.secrets.update(expires=timezone.now() - timedelta(days=1))
    ClientFactory(client_id="good")
    ClientFactory(client_id="off", is_active=False)
    ClientFactory(client_id="nowhere", redirect_uris="")
    ClientFactory(client_id="plain", redirect_uris="http://shop.example/cb http://127.0.0.1:8001/cb")
    ClientFactory(client_id="loopback", redirect_uris="http://127.0.0.1:8001/cb")
    ClientFactory(client_id="phone", public=True, redirect_uris="com.example.app:/cb")


WORDS = {
    "good": "active",
    "loopback": "active",
    "phone": "active",
    "off": "disabled",
    "nowhere": "no redirect URI",
    "plain": "insecure redirect",
    "ended": "no secret that works",
    "soon": "secret expires in 5 days",
}


def test_state_is_told_in_words(boss, zoo):
    figures = listed(boss)
    assert {key: found.state_in_words() for key, found in figures.items()} == WORDS
    for words in WORDS.values():
        assert words in boss.said()


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        ("disabled", {"off"}),
        ("no_redirect", {"nowhere"}),
        ("insecure", {"plain"}),
        ("no_secret", {"ended"}),
        ("secret_soon", {"soon"}),
        ("active", WORDS.keys() - {"off"}),
        ("nonsense", WORDS.keys()),
    ],
)
def test_list_is_filtered_by_state(boss, zoo, state, keys):
    assert listed(boss, state=state).keys() == keys


def test_figures_count_people_tokens_sign_ins_and_errors(boss):
    client, other = ClientFactory(client_id="shop"), ClientFactory(client_id="other")
    for consent in ConsentFactory.create_batch(2, client=client):
        AccessTokenFactory(application=client, user=consent.user)
        RefreshTokenFactory(application=client, user=consent.user)
    AccessTokenFactory(application=client, revoked=timezone.now())
    RefreshTokenFactory(application=client, used_at=timezone.now())
    for days in (20, 3, 1, 1, 0):  # as they come
        event(client, "code.issued", ago=timedelta(days=days))
    event(client, "token.refused", ago=timedelta(hours=1), outcome="refused", count=3)
    event(client, "token.refused", ago=timedelta(hours=30), outcome="refused")
    event(other, "code.issued", ago=timedelta())
    figures = listed(boss)["shop"]
    assert (figures.people, figures.tokens, figures.errors) == (2, 4, 3)
    assert figures.sign_ins == [0, 0, 0, 1, 0, 2, 1]
    assert "0 0 0 1 0 2 1" in boss.said()
    assert figures.last_used is not None


def test_errors_lead_to_the_audit_trail_of_that_client(boss):
    client, other = ClientFactory(client_id="shop"), ClientFactory(client_id="other")
    event(client, "token.refused", ago=timedelta(hours=1), outcome="refused")
    event(client, "code.issued", ago=timedelta(hours=1))
    event(other, "token.refused", ago=timedelta(hours=1), outcome="refused")
    boss.open(changelist("client"))
    [link] = [part.split('"')[0] for part in boss.text().split('href="') if "auditevent/?client_id__exact=shop" in part]
    page = boss.open(link)
    assert page.status_code == 200
    assert [row.event for row in page.context["cl"].result_list] == ["token.refused"]
    assert [row.client_id for row in page.context["cl"].result_list] == ["shop"]


def test_list_finds_by_owner_maker_and_contact(boss):
    owner = UserFactory(username="grace")
    ClientFactory(client_id="a", user=owner)
    ClientFactory(client_id="b", maker="Example Ltd")
    ClientFactory(client_id="c", contact="help@shop.example")
    for query, key in (("grace", "a"), ("Example Ltd", "b"), ("help@shop", "c")):
        assert listed(boss, q=query).keys() == {key}
    assert "grace" in boss.open(changelist("client")).content.decode()


def test_list_is_filtered_by_errors_use_age_and_maker(boss):
    used, never, old = ClientFactory(client_id="used"), ClientFactory(client_id="never"), ClientFactory(client_id="old")
    AccessTokenFactory(application=used)
    event(used, "token.refused", ago=timedelta(hours=2), outcome="refused")
    past = timezone.now() - timedelta(days=100)
    old.secrets.update(last_used=past, created=past)
    Client.objects.filter(pk=never.pk).update(registered_by="command")
    assert listed(boss, errors="24h").keys() == {"used"}
    assert listed(boss, use="never").keys() == {"never"}
    assert listed(boss, use="90d").keys() == {"never", "old"}
    assert listed(boss, secret_age="90").keys() == {"old"}
    assert listed(boss, secret_age="365").keys() == set()
    assert listed(boss, registered_by__exact="command").keys() == {"never"}
    assert listed(boss, skip_authorization__exact="1").keys() == set()
    assert listed(boss, client_type="public").keys() == set()
    assert listed(boss, client_type="confidential").keys() == {"used", "never", "old"}
    assert listed(boss, errors="x", use="x", secret_age="x", client_type="x").keys() == {"used", "never", "old"}


def test_logo_is_shown_by_the_browser_and_never_fetched(boss):
    client = ClientFactory(logo_uri="/static/logos/shop.png")
    boss.open(changelist("client"))
    assert '<img class="codeflow-logo" src="/static/logos/shop.png" alt="" loading="lazy">' in boss.text()
    assert client.client_id in boss.text()


def test_export_holds_the_registration_and_nothing_of_secrets(boss):
    client = ClientFactory(client_id="shop", maker="Example Ltd")
    boss.act("client", "export", client)
    assert "The file holds 1 client." in boss.said()
    assert "no secret" in boss.said()
    page = boss.act("client", "export", client, confirmed="yes")
    assert page.headers["Content-Disposition"] == 'attachment; filename="clients.json"'
    assert "no-store" in page.headers["Cache-Control"]
    [exported] = json.loads(page.content)["clients"]
    assert (exported["client_id"], exported["maker"]) == ("shop", "Example Ltd")
    assert exported["redirect_uris"] == client.redirect_uris.split()
    secret = client.secrets.get()
    for value in (secret.hash, secret.hint, "sha256"):
        assert value not in page.content.decode()
    assert AuditEvent.objects.get(event="client.exported").user_pk == str(boss.user.pk)


def test_rotating_from_the_list_leads_to_the_page_that_asks(boss):
    first, second = ClientFactory.create_batch(2)
    boss.act("client", "rotate", first)
    assert boss.page.headers["Location"] == f"/admin/codeflow_provider/client/{first.pk}/rotate-secret/"
    for chosen in ((first, second), (ClientFactory(public=True),)):
        boss.act("client", "rotate", *chosen)
        assert boss.open(changelist("client")).status_code == 200
        assert "Choose one client that has a secret" in boss.said()


def test_rotating_from_the_list_needs_its_permission():
    staff, client = staff_with("view_client"), ClientFactory()
    staff.act("client", "rotate", client)
    assert "rotate-secret" not in staff.page.headers.get("Location", "")


def test_two_secrets_at_most_keep_the_state_right(boss):
    client = ClientFactory(client_id="shop")
    ClientSecretFactory(client=client, value="cfs_second", expires=timezone.now() + timedelta(hours=1))
    assert listed(boss)["shop"].state == "active"
