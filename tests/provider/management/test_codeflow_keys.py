"""`manage.py codeflow_keys` and `codeflow_deliver_logouts`."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from codeflow.core import jose
from codeflow.core.errors import InvalidRequest
from codeflow.core.sealing import SealBroken
from codeflow.provider import claims, keys
from codeflow.provider.flow.logout import check_logout_request
from codeflow.provider.models import AuditEvent, SigningKey
from tests.provider.exchange import answer_in, tokens_for
from tests.provider.factories import ClientFactory, UserFactory

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


def test_withdrawn_keys_id_token_is_no_hint_any_more(signed_in, party):
    party.row.id_token_signed_response_alg = "ES256"
    party.row.save()
    leaked, hint = keys.signing_key("ES256").kid, tokens_for(signed_in, party)["id_token"]
    run("codeflow_keys", "rotate", "--now")
    assert check_logout_request([("id_token_hint", hint)]).client == party.row  # a rotation alone withdraws nothing
    assert leaked in run("codeflow_keys", "withdraw", leaked)
    assert leaked not in [jwk["kid"] for jwk in keys.published_jwks()]
    with pytest.raises(jose.JoseError):
        keys.verify_own(hint)
    with pytest.raises(InvalidRequest) as refused:
        check_logout_request([("id_token_hint", hint)])
    assert refused.value.reason == "id_token_hint"
    signed_in.authorize(party.request(prompt="none", id_token_hint=hint))
    assert answer_in(signed_in.location)["error"] == "invalid_request"
    assert AuditEvent.objects.filter(event="key.withdrawn", reason=leaked).count() == 1
    assert tokens_for(signed_in, party)["id_token"]


def test_key_that_signs_is_not_withdrawn():
    kid = keys.signing_key("ES256").kid
    with pytest.raises(CommandError, match="rotate --now"):
        run("codeflow_keys", "withdraw", kid)
    with pytest.raises(CommandError, match="There is no key nonsense"):
        run("codeflow_keys", "withdraw", "nonsense")
    assert SigningKey.objects.get().kid == kid
    assert not AuditEvent.objects.filter(event="key.withdrawn").exists()


def test_key_that_waits_can_be_withdrawn():
    signing = keys.signing_key("ES256").kid
    run("codeflow_keys", "rotate")
    run("codeflow_keys", "withdraw", SigningKey.objects.get(generation=2).kid)
    assert keys.signing_key("ES256").kid == signing


def test_resealed_keys_and_salts_open_without_the_fallback(settings):
    person, client = UserFactory(), ClientFactory(subject_type="pairwise")
    sub, kid = claims.subject(person, client), keys.signing_key("ES256").kid
    run("codeflow_keys", "rotate")
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [old]
    assert run("codeflow_keys", "reseal") == "3 sealed under the newest SECRET_KEY\n"
    settings.SECRET_KEY_FALLBACKS = []
    assert keys.signing_key("ES256").kid == kid
    assert claims.subject(person, client) == sub
    for row in SigningKey.objects.all():
        assert keys._key_pair(row).kid == row.kid
    settings.SECRET_KEY = old
    with pytest.raises(SealBroken):  # and not under the old one
        keys.signing_key("ES256")
    with pytest.raises(SealBroken):
        claims.subject(person, client)


def test_nothing_is_resealed_that_cannot_be_opened(settings):
    keys.signing_key("ES256")
    before = SigningKey.objects.get().private_key
    settings.SECRET_KEY = "another" * 8
    with pytest.raises(SealBroken):
        run("codeflow_keys", "reseal")
    assert SigningKey.objects.get().private_key == before


def test_salts_are_resealed_where_keys_are_kept_elsewhere(settings):
    person, client = UserFactory(), ClientFactory(subject_type="pairwise")
    sub = claims.subject(person, client)
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": "env:NOWHERE"}
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]
    assert run("codeflow_keys", "reseal") == "1 sealed under the newest SECRET_KEY\n"
    settings.SECRET_KEY_FALLBACKS = []
    assert claims.subject(person, client) == sub
    with pytest.raises(CommandError, match="env:NOWHERE"):
        run("codeflow_keys", "withdraw", "kid")
