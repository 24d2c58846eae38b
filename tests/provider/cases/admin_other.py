"""AR: what staff may not do, and what the trail holds, beyond clients."""

import io
import re
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client as StaffBrowser
from django.urls import reverse

from codeflow.provider import key_plan, keys
from codeflow.provider.models import AccessToken, AuditEvent, AuthorizationCode, Consent, RefreshToken, SigningKey
from tests.provider.cases.table import case
from tests.provider.cases.world import World, assert_invalid_token, assert_json
from tests.provider.exchange import Browser, code_for, tokens_for


def _staff(*permissions: str, superuser: bool = False) -> StaffBrowser:
    user = get_user_model().objects.create_user(f"clerk{get_user_model().objects.count()}", password="x", is_staff=True)
    user.is_superuser = superuser
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = StaffBrowser()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def _events() -> set[str]:
    return set(AuditEvent.objects.values_list("event", flat=True))


@case("AR-13")
def consent_rows_hold_keys_scopes_and_times_alone(world: World) -> None:
    world.tokens()
    kept = {field.name for field in Consent._meta.concrete_fields}
    assert kept == {"id", "user", "client", "scope", "asked_scope", "text", "resource", "created", "updated"}
    row = Consent.objects.values().get()
    assert world.user.email not in str(row)
    assert world.user.username not in str(row)


@case("AR-22")
def each_security_event_is_recorded(world: World) -> None:
    tokens = world.tokens()
    second = world.party.refresh(tokens["refresh_token"]).json()
    world.party.refresh(second["refresh_token"])
    assert_json(world.party.refresh(tokens["refresh_token"]), "invalid_grant")  # reuse
    code = world.code(prompt="consent")
    world.party.redeem(code)
    assert_json(world.party.redeem(code), "invalid_grant")  # reuse
    stranger = type(world.party)(world.party.row, secret="a wrong one")
    assert_json(stranger.redeem("x"), "invalid_client", status=401)
    world.party.revoke(world.tokens()["access_token"])
    boss = _staff(superuser=True)
    keys.signing_key("RS256")
    boss.post(reverse("admin:codeflow_provider_signingkey_make_next", args=["RS256"]), {}, secure=True)
    assert _events() >= {
        "consent.given",
        "code.issued",
        "token.issued",
        "token.refreshed",
        "token.refused",
        "token.revoked",
        "key.next_made",
    }
    reasons = set(AuditEvent.objects.filter(event="token.refused").values_list("reason", flat=True))
    assert {"refresh_token_replayed", "code_replayed"} <= reasons
    issued = AuditEvent.objects.filter(event="token.issued").first()
    assert issued is not None
    assert (issued.client_id, issued.user_pk) == (world.party.row.client_id, str(world.user.pk))
    assert issued.address
    assert issued.at


@case("AR-23")
def trail_is_neither_changed_nor_deleted(world: World) -> None:
    world.tokens()
    event = AuditEvent.objects.latest("pk")
    before = AuditEvent.objects.filter(pk=event.pk).values().get()
    boss = _staff(superuser=True)
    for kind in ("change", "delete"):
        address = reverse(f"admin:codeflow_provider_auditevent_{kind}", args=[event.pk])
        assert boss.post(address, {"post": "yes", "event": "nothing"}, secure=True).status_code == 403
    assert boss.get(reverse("admin:codeflow_provider_auditevent_add"), secure=True).status_code == 403
    listing = reverse("admin:codeflow_provider_auditevent_changelist")
    boss.post(listing, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"}, secure=True)
    assert AuditEvent.objects.filter(pk=event.pk).values().get() == before


@case("AR-31")
def deleted_person_leaves_nothing_that_works(world: World) -> None:
    _is_over_after_deleting(world, world.browser, world.user)


@case("AR-31")
def deleted_client_leaves_nothing_that_works(world: World) -> None:
    _is_over_after_deleting(world, world.browser, world.party.row)


def _is_over_after_deleting(world: World, browser: Browser, row: Any) -> None:
    tokens = tokens_for(browser, world.party)
    code = code_for(browser, world.party)
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])
    assert _staff(superuser=True).post(address, {"post": "yes"}, secure=True).status_code == 302
    assert_invalid_token(world.party.userinfo(tokens["access_token"]))
    for answer in (world.party.refresh(tokens["refresh_token"]), world.party.redeem(code)):
        assert_json(answer, "invalid_grant", "invalid_client", status=(400, 401))
    for model in (AccessToken, RefreshToken, AuthorizationCode, Consent):
        assert not model.objects.exists()


@case("AR-33")
def key_that_is_needed_stays(world: World) -> None:
    world.settings.CODEFLOW_PROVIDER = {"ADMIN_PASSWORD_SECONDS": None}
    world.tokens()
    first = SigningKey.objects.get(alg="RS256")
    boss = _staff(superuser=True)
    withdraw = reverse("admin:codeflow_provider_signingkey_act", args=[first.pk, "withdraw"])

    def is_refused() -> bool:
        boss.post(withdraw, secure=True)
        return SigningKey.objects.filter(pk=first.pk).exists()

    assert is_refused()  # it signs
    key_plan.make_next("RS256")
    world.clock.advance(days=1, seconds=1)
    key_plan.retire(first.pk)
    assert is_refused()  # what it signed lives
    address = reverse("admin:codeflow_provider_signingkey_delete", args=[first.pk])
    assert boss.post(address, {"post": "yes"}, secure=True).status_code == 403
    world.clock.advance(seconds=keys.longest_life().total_seconds() + 1)
    assert not is_refused()


@case("AR-34")
def nobody_takes_out_people_in_bulk_unseen(world: World) -> None:
    """Consents have no export at all; the trail's needs a permission of its own and is an event."""
    world.tokens()
    clerk = _staff("view_consent", "view_auditevent")
    page = clerk.get(reverse("admin:codeflow_provider_consent_changelist"), secure=True).content.decode()
    assert not re.search("export|csv", page, re.IGNORECASE)
    export = reverse("admin:codeflow_provider_auditevent_export", args=["csv"])
    assert clerk.post(export, secure=True).status_code == 403
    assert "audit.exported" not in _events()
    answer = _staff("view_audit").post(export, secure=True)
    written = io.BytesIO(b"".join(answer.streaming_content)).read().decode()  # type: ignore[attr-defined]
    assert "consent.given" in written
    assert world.user.email not in written
    assert "audit.exported" in _events()
