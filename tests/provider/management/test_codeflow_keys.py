"""`manage.py codeflow_keys` and `codeflow_deliver_logouts`."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from codeflow.provider import keys
from codeflow.provider.models import AuditEvent, SigningKey

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def one_algorithm(settings):
    settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": ["ES256"]}


def test_make_makes_the_first_key_once():
    assert run("codeflow_keys", "make") == run("codeflow_keys", "make")
    assert SigningKey.objects.count() == 1


@pytest.mark.spec("OIDC Core", "10.1.1", "a key is published before it signs")
def test_rotate_publishes_the_next_key_before_it_signs():
    first = keys.signing_key("ES256")
    assert "will sign with" in run("codeflow_keys", "rotate")
    next_key = SigningKey.objects.get(generation=2)
    assert next_key.active_from >= timezone.now() + timedelta(hours=23)
    assert keys.signing_key("ES256").kid == first.kid
    assert {jwk["kid"] for jwk in keys.published_jwks()} == {first.kid, next_key.kid}
    assert AuditEvent.objects.filter(event="key.rotated", reason="ES256").exists()


def test_rotate_brings_a_waiting_key_forward_instead_of_making_another():
    keys.signing_key("ES256")
    run("codeflow_keys", "rotate")
    run("codeflow_keys", "rotate", "--now")
    assert SigningKey.objects.count() == 2
    assert keys.signing_key("ES256").kid == SigningKey.objects.get(generation=2).kid


def test_rotate_of_one_algorithm_leaves_the_others(settings):
    settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": ["ES256", "EdDSA"]}
    run("codeflow_keys", "make")
    run("codeflow_keys", "rotate", "--alg", "EdDSA")
    assert SigningKey.objects.filter(alg="ES256").count() == 1
    assert SigningKey.objects.filter(alg="EdDSA").count() == 2


def test_list_shows_states_and_no_private_key():
    run("codeflow_keys", "make")
    run("codeflow_keys", "rotate")
    listed = json.loads(run("codeflow_keys", "list", "--json"))
    assert [row["state"] for row in listed] == ["signing", "next"]
    assert all(key.private_key not in run("codeflow_keys", "list") for key in SigningKey.objects.all())


def test_keys_kept_elsewhere_are_not_changed_here(settings):
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": "env:NOWHERE"}
    with pytest.raises(CommandError, match="env:NOWHERE"):
        run("codeflow_keys", "rotate")


def test_deliver_logouts_says_what_it_did_when_nothing_is_due():
    assert run("codeflow_deliver_logouts") == "0 delivered, 0 failed\n"
