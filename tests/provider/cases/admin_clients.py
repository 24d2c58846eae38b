"""AR: what staff may and may not do to clients, and what the trail says of it."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from codeflow.provider.models import AccessToken, AuditEvent, Client, ClientSecret, RefreshToken
from tests.provider.admin.conftest import (
    ADD,
    CALLBACK,
    change,
    client_form,
    management_form,
    registered,
    session_text,
    staff_with,
)
from tests.provider.cases.table import case
from tests.provider.cases.world import World
from tests.provider.factories import SECRET

LOOKS_AFTER = ("view_client", "add_client", "change_client", "rotate_secret")


def _events(name: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(event=name))


@case("AR-30")
def nobody_is_spared_the_question_without_rank_and_reason(world: World) -> None:
    client = world.party.row
    data = {"scope": client.scope.split(), "redirect_uris": client.redirect_uris, "skip_authorization": "on"}
    staff, boss = staff_with(*LOOKS_AFTER), staff_with(superuser=True)
    why = {"skip_authorization_reason": "our own site"}
    staff.post(change(client), **client_form(**data, **why), **management_form())
    client.refresh_from_db()
    assert not client.skip_authorization
    assert client.skip_authorization_reason == ""
    boss.post(change(client), **client_form(**data), **management_form())
    client.refresh_from_db()
    assert not client.skip_authorization
    assert "Say why people are not asked" in boss.said()
    boss.post(change(client), **client_form(**data, **why), **management_form())
    client.refresh_from_db()
    assert client.skip_authorization
    [*_, event] = _events("client.changed")
    assert event.user_pk == str(boss.user.pk)
    assert "skip_authorization" in event.reason


@case("AR-31")
def deleted_client_leaves_no_token_that_works(world: World) -> None:
    tokens = world.tokens()
    assert world.party.userinfo(tokens["access_token"]).status_code == 200
    boss = staff_with(superuser=True)
    boss.post(reverse("admin:codeflow_provider_client_delete", args=(world.party.row.pk,)), post="yes")
    assert boss.page.status_code == 302
    assert world.party.userinfo(tokens["access_token"]).status_code == 401
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.exists()
    assert [event.client_id for event in _events("client.deleted")] == [world.party.row.client_id]


@case("AR-25")
def secret_is_rotated_and_never_edited(world: World) -> None:
    client = world.party.row
    staff, before = staff_with(*LOOKS_AFTER), ClientSecret.objects.get(client=client).hash
    form = client_form(scope=client.scope.split(), redirect_uris=client.redirect_uris)
    staff.post(change(client), **form, **management_form(), client_secret="mine", hash="sha256$mine")
    assert ClientSecret.objects.get(client=client).hash == before
    assert not ClientSecret.objects.filter(hash__contains="mine").exists()
    assert SECRET not in session_text(staff)


@case("AR-28")
def moved_redirect_uri_is_checked_and_recorded(world: World) -> None:
    client, staff = world.party.row, staff_with(*LOOKS_AFTER)
    form = client_form(scope=client.scope.split(), redirect_uris="http://evil.example/cb")
    staff.post(change(client), **form, **management_form())
    client.refresh_from_db()
    assert "evil" not in client.redirect_uris
    staff.post(change(client), **{**form, "redirect_uris": CALLBACK}, **management_form())
    client.refresh_from_db()
    assert client.redirect_uris == CALLBACK
    assert "redirect_uris" in _events("client.changed")[-1].reason


@case("AR-29")
def other_grants_are_not_offered(world: World) -> None:
    boss = staff_with(superuser=True)
    for grant in ("implicit", "password", "client-credentials"):
        boss.post(ADD, **client_form(client_id=f"x-{grant}", authorization_grant_type=grant, response_types="token"))
    assert Client.objects.filter(client_id__startswith="x-").count() == 3
    answer = world.party.post("/o/token/", {"grant_type": "password", "username": "a", "password": "b"})
    assert answer.json()["error"] == "unsupported_grant_type"


@case("AR-22")
def every_act_on_a_client_is_in_the_trail(world: World) -> None:
    boss = staff_with(superuser=True)
    client, _secret = registered(boss)
    rotate = reverse("admin:codeflow_provider_client_rotate_secret", args=(client.pk,))
    newest = boss.open(rotate).context["newest"]
    boss.post(rotate, newest=newest, overlap="24")
    old = client.secrets.order_by("pk").first()
    assert old is not None
    boss.post(reverse("admin:codeflow_provider_client_revoke_secret", args=(client.pk, old.pk)))
    for action in ("end_grants", "disable", "enable", "export"):
        boss.act("client", action, client, confirmed="yes")
    boss.post(change(client), **client_form(name="Renamed"), **management_form())
    boss.post(reverse("admin:codeflow_provider_client_delete", args=(client.pk,)), post="yes")
    expected = {
        "client.registered", "secret.rotated", "secret.revoked", "tokens.revoked", "client.disabled", "client.enabled",
        "client.exported", "client.changed", "client.deleted",
    }  # fmt: skip
    rows = AuditEvent.objects.filter(event__in=expected)
    assert {row.event for row in rows} == expected
    assert {row.user_pk for row in rows} == {str(boss.user.pk)}
    assert {row.client_id for row in rows} == {client.client_id, ""}
    assert all(row.at > timezone.now() - timedelta(minutes=5) and row.address for row in rows)
