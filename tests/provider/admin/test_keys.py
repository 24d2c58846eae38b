"""Signing keys in the admin: what may be done, the reason where it may not, and that nothing needed is ever taken away."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from codeflow.core import jose
from codeflow.provider import key_plan, keys
from codeflow.provider.models import AuditEvent, SigningKey
from tests.provider.admin.conftest import STAFF_PASSWORD, change, changelist, staff_with
from tests.provider.factories import AccessTokenFactory, ClientFactory

pytestmark = pytest.mark.django_db

DAY = 24 * 3600


def address(name, *arguments):
    return reverse(f"admin:codeflow_provider_signingkey_{name}", args=arguments)


def plan(key):
    return key_plan.plans()[key.pk]


def signing():
    keys.signing_key("RS256")
    return SigningKey.objects.get(alg="RS256", generation=1)


@pytest.fixture
def keeper(db, settings):
    settings.CODEFLOW_PROVIDER = {"ADMIN_PASSWORD_SECONDS": None}
    return staff_with("view_signingkey", "manage_keys")


def test_a_key_goes_from_next_to_signing_to_retiring_to_gone(keeper, clock):
    first = signing()
    assert plan(first).state == keys.SIGNING
    keeper.post(address("make_next", "RS256"))
    second = SigningKey.objects.get(generation=2)
    assert plan(second).state == keys.NEXT
    assert second.kid in {jwk["kid"] for jwk in keys.published_jwks()}
    clock.advance(days=1, seconds=1)
    keeper.post(address("act", second.pk, "promote"))
    assert (plan(first).state, plan(second).state) == (keys.RETIRING, keys.SIGNING)
    assert keys.signing_key("RS256").kid == second.kid
    clock.advance(days=3)
    assert plan(first).state == keys.GONE
    assert first.kid not in {jwk["kid"] for jwk in keys.published_jwks()}
    keeper.post(address("act", first.pk, "withdraw"))
    assert not SigningKey.objects.filter(pk=first.pk).exists()
    assert list(
        AuditEvent.objects.filter(event__in=("key.next_made", "key.promoted", "key.withdrawn"))
        .order_by("pk")
        .values_list("event", "user_pk")
    ) == [(event, str(keeper.user.pk)) for event in ("key.next_made", "key.promoted", "key.withdrawn")]


def test_retiring_a_key_hands_over_to_its_successor(keeper, clock):
    first = signing()
    keeper.open(change(first))
    assert "Nothing would sign after it: make the next key first." in keeper.said()
    key_plan.make_next("RS256")
    keeper.open(change(first))
    assert "Not yet: clients cache keys for 24 h; promote after" in keeper.said()
    clock.advance(days=1, seconds=1)
    keeper.open(address("act", first.pk, "retire"))
    assert "It signs no more; its successor does" in keeper.said()
    keeper.post(address("act", first.pk, "retire"))
    assert plan(first).state == keys.RETIRING
    assert keys.signing_key("RS256").kid == SigningKey.objects.get(generation=2).kid
    assert AuditEvent.objects.get(event="key.retired").reason.startswith("RS256 ")


@pytest.mark.parametrize("act", ["promote", "retire", "withdraw"])
def test_what_may_not_be_done_is_disabled_with_its_reason_and_refused(keeper, act):
    first = signing()
    key_plan.make_next("RS256")
    second = SigningKey.objects.get(generation=2)
    key = second if act == "promote" else first
    before = list(SigningKey.objects.order_by("pk").values())
    keeper.open(change(key))
    page = keeper.page.content.decode()
    assert 'aria-disabled="true"' in page
    assert address("act", key.pk, act) not in page
    keeper.open(address("act", key.pk, act))
    assert 'type="submit" value' not in keeper.text()
    keeper.post(address("act", key.pk, act))
    assert list(SigningKey.objects.order_by("pk").values()) == before
    assert not AuditEvent.objects.filter(event__in=("key.promoted", "key.retired", "key.withdrawn")).exists()


def test_second_next_key_is_not_made(keeper):
    signing()
    keeper.post(address("make_next", "RS256"))
    keeper.post(address("make_next", "RS256"))
    assert SigningKey.objects.filter(alg="RS256").count() == 2
    keeper.open(changelist("signingkey"))
    assert "There is one already; it signs from this time on" in keeper.said()


@pytest.mark.spec("OIDC Core", "10.1.1", "AR-33: a key is not taken away while a token that it signed is valid")
def test_retiring_key_stays_until_its_longest_token_has_expired(keeper, clock):
    first = signing()
    ClientFactory(access_token_format="jwt", access_token_lifetime=5 * DAY)
    key_plan.make_next("RS256")
    clock.advance(days=1, seconds=1)
    key_plan.retire(first.pk)
    clock.advance(days=4)
    assert first.kid in {jwk["kid"] for jwk in keys.published_jwks()}
    keeper.open(change(first))
    assert "Not yet: tokens it signed are valid until" in keeper.said()
    keeper.post(address("act", first.pk, "withdraw"))
    assert SigningKey.objects.filter(pk=first.pk).exists()
    clock.advance(days=1, seconds=1)
    keeper.post(address("act", first.pk, "withdraw"))
    assert not SigningKey.objects.filter(pk=first.pk).exists()


def test_counts_are_those_of_the_keys_own_time_and_algorithm(boss, clock):
    first = signing()
    jwt = ClientFactory(access_token_format="jwt")
    AccessTokenFactory(application=jwt, expires=timezone.now() + timedelta(days=9))
    AccessTokenFactory(application=ClientFactory(), expires=timezone.now() + timedelta(days=9))
    AccessTokenFactory(
        application=ClientFactory(access_token_format="jwt", id_token_signed_response_alg="ES256"),
        expires=timezone.now() + timedelta(days=9),
    )
    key_plan.make_next("RS256")
    clock.advance(days=1, seconds=1)
    second = key_plan.retire(first.pk)
    AccessTokenFactory(application=jwt, expires=timezone.now() + timedelta(days=9))
    AccessTokenFactory(application=jwt, expires=timezone.now() + timedelta(days=9))
    assert (plan(first).live_tokens, plan(second).live_tokens) == (1, 2)
    assert (plan(first).clients, plan(second).clients) == (2, 2)


def test_acts_on_keys_need_their_permission(settings):
    settings.CODEFLOW_PROVIDER = {"ADMIN_PASSWORD_SECONDS": None}
    first = signing()
    viewer = staff_with("view_signingkey", "change_signingkey", "delete_signingkey")
    viewer.open(change(first))
    assert "What can be done with it" not in viewer.said()
    viewer.open(changelist("signingkey"))
    assert "Make next" not in viewer.said()
    for url in (
        address("make_next", "RS256"),
        *(address("act", first.pk, act) for act in ("promote", "retire", "withdraw")),
    ):
        assert viewer.open(url).status_code == 403
        assert viewer.post(url).status_code == 403
    assert SigningKey.objects.count() == 1


def test_acts_on_keys_ask_for_the_password():
    signing()
    keeper = staff_with("view_signingkey", "manage_keys")
    session = keeper.browser.session
    session["_codeflow_provider"] = {"auth_time": 1}
    session.save()
    assert keeper.post(address("make_next", "RS256")).status_code == 403
    assert "Your password, please" in keeper.said()
    assert SigningKey.objects.count() == 1
    keeper.post(address("make_next", "RS256"), codeflow_password=STAFF_PASSWORD)
    assert SigningKey.objects.count() == 2


def test_keys_that_the_operator_keeps_are_shown_and_not_touched(boss, settings, monkeypatch, tmp_path):
    pem = jose_pem()
    monkeypatch.setenv("ID_KEYS", pem)
    file = tmp_path / "keys.pem"
    file.write_text(pem)
    for store in ("env:ID_KEYS", f"file:{file}"):
        settings.CODEFLOW_PROVIDER = {"KEY_STORE": store, "ADMIN_PASSWORD_SECONDS": None}
        assert boss.open(changelist("signingkey")).status_code == 200
        assert store in boss.said()
        assert "RS256" in boss.said()
        assert "signing" in boss.said()
        assert "PRIVATE" not in boss.text()
        assert boss.post(address("make_next", "RS256")).status_code == 404


def test_key_store_that_cannot_be_read_says_so(boss, settings):
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": "file:/nowhere/keys.pem"}
    assert boss.open(changelist("signingkey")).status_code == 200
    assert "/nowhere/keys.pem cannot be read" in boss.said()


def test_unknown_addresses_are_not_found(boss, settings):
    settings.CODEFLOW_PROVIDER = {"ADMIN_PASSWORD_SECONDS": None}
    first = signing()
    assert boss.open(address("act", first.pk, "explode")).status_code == 404
    assert boss.open(address("act", first.pk + 99, "promote")).status_code == 404
    assert boss.open(address("make_next", "HS256")).status_code == 404


def jose_pem():
    from cryptography.hazmat.primitives import serialization

    key = keys._generate(jose.RS256)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
