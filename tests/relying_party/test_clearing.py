"""Rows over time: cleared when nobody needs them, tokens sealed anew when keys rotate."""

import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from codeflow.relying_party import clearing, reencryption
from codeflow.relying_party.models import RPSession, TokenGrant, UsedLogoutToken
from codeflow.relying_party.reencryption import reencrypt


def tokens_command(*arguments: str) -> str:
    out = StringIO()
    call_command("codeflow_tokens", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def signed_in(browser: Any) -> Any:
    browser.sign_in()
    return browser


def long_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def test_what_is_in_use_stays(signed_in):
    UsedLogoutToken.objects.create(jti="a", expires_at=int(time.time()) + 60)
    assert tokens_command("clear") == "sessions: 0, grants: 0, logout tokens: 0"
    assert signed_in.client.get("/account/").status_code == 200


@pytest.mark.spec("ASVS", "14.1", "AR-49: what is over is cleared")
def test_what_is_over_goes(signed_in, monkeypatch):
    monkeypatch.setattr(clearing, "BATCH", 2)
    UsedLogoutToken.objects.bulk_create(UsedLogoutToken(jti=str(n), expires_at=1) for n in range(5))
    RPSession.objects.update(created=long_ago(31))
    TokenGrant.objects.update(dead_reason="token.invalid_grant", updated=long_ago(2))
    assert tokens_command("clear") == "sessions: 1, grants: 1, logout tokens: 5"
    assert not any(model.objects.exists() for model in (RPSession, TokenGrant, UsedLogoutToken))


def test_grant_for_background_work_outlives_its_session(signed_in):
    RPSession.objects.all().delete()
    TokenGrant.objects.update(updated=long_ago(179))
    assert clearing.clear_expired().grants == 0
    TokenGrant.objects.update(updated=long_ago(181))
    assert clearing.clear_expired().grants == 1


def test_newest_loose_grant_of_an_identity_stays(signed_in, op):
    signed_in.client.logout()
    signed_in.sign_in()
    RPSession.objects.all().delete()
    TokenGrant.objects.update(updated=long_ago(2))
    older, newer = TokenGrant.objects.order_by("pk")
    assert clearing.clear_expired().grants == 1
    assert TokenGrant.objects.get() == newer
    assert older.identity == newer.identity


@pytest.mark.spec("NIST 800-57", "5.3", "AR-43: tokens are sealed anew under the newest key, in batches")
def test_tokens_are_sealed_anew(signed_in, site):
    for _ in range(3):
        signed_in.client.logout()
        signed_in.sign_in()
    held = TokenGrant.objects.order_by("pk")[0].held
    site.CODEFLOW_RELYING_PARTY["TOKEN_KEYS"] = ["new key", site.SECRET_KEY]
    assert tokens_command("reencrypt", "--batch", "1") == (
        "sealed anew: 4, already: 0, refreshed meanwhile: 0, unreadable: 0"
    )
    site.CODEFLOW_RELYING_PARTY["TOKEN_KEYS"] = ["new key"]
    assert TokenGrant.objects.order_by("pk")[0].held == held
    assert tokens_command("reencrypt") == "sealed anew: 0, already: 4, refreshed meanwhile: 0, unreadable: 0"
    site.CODEFLOW_RELYING_PARTY["TOKEN_KEYS"] = ["another key"]
    assert reencrypt().unreadable == 4


def test_refresh_in_between_wins(signed_in, site, monkeypatch):
    site.CODEFLOW_RELYING_PARTY["TOKEN_KEYS"] = ["new key", site.SECRET_KEY]
    original = reencryption.sealed_tokens

    def sealed_late(held: Any, identity_id: int) -> str:
        TokenGrant.objects.update(tokens="refreshed meanwhile")
        return original(held, identity_id)

    monkeypatch.setattr(reencryption, "sealed_tokens", sealed_late)
    assert reencrypt().changed == 1
    assert TokenGrant.objects.get().tokens == "refreshed meanwhile"


def test_dead_grants_have_nothing_to_seal(signed_in):
    TokenGrant.objects.update(tokens="", dead_reason="over")
    assert reencrypt() == reencryption.Reencrypted()
