"""Signing keys: next, signing, retiring, gone."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.db import connection, transaction
from django.utils import timezone

from codeflow.core import jose
from codeflow.core.sealing import SealBroken
from codeflow.provider import keys
from codeflow.provider.models import SigningKey

pytestmark = pytest.mark.django_db

PUBLISH, ROTATION = timedelta(days=1), timedelta(days=90)


def states(now=None):
    rows = list(SigningKey.objects.order_by("generation"))
    return [keys.key_state(row, rows, now or timezone.now()) for row in rows]


def test_first_use_makes_a_key_that_signs_at_once():
    pair = keys.signing_key("ES256")
    assert SigningKey.objects.get().kid == pair.kid
    assert states() == [keys.SIGNING]
    assert keys.signing_key("ES256").kid == pair.kid


@pytest.mark.usefixtures("own_keys")
@pytest.mark.spec("RFC 8725", "3.5", "RSA keys have 2048 bits at least")
@pytest.mark.parametrize(
    ("alg", "kind"),
    [
        ("RS256", rsa.RSAPrivateKey),
        ("PS256", rsa.RSAPrivateKey),
        ("ES256", ec.EllipticCurvePrivateKey),
        ("EdDSA", ed25519.Ed25519PrivateKey),
    ],
)
def test_each_algorithm_signs_what_the_published_set_verifies(alg, kind, settings):
    settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": [alg]}
    pair = keys.signing_key(alg)
    assert isinstance(pair.private_key, kind)
    if kind is rsa.RSAPrivateKey:
        assert pair.private_key.key_size >= 2048
    signed = jose.sign({"a": 1}, pair.private_key, alg=alg, kid=pair.kid)
    assert jose.verify(signed, keys.published_jwks(), algorithms=[alg]).claims == {"a": 1}
    assert keys.verify_own(signed).kid == pair.kid


@pytest.mark.spec("OIDC Core", "10.1.1", "a key is published before it signs and after")
def test_life_of_a_key(clock, settings):
    settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": ["ES256"]}
    first = keys.signing_key("ES256").kid
    clock.advance(seconds=(ROTATION - PUBLISH).total_seconds() - 5)
    assert [jwk["kid"] for jwk in keys.published_jwks()] == [first]
    clock.advance(seconds=10)
    assert len(keys.published_jwks()) == 2
    assert states() == [keys.SIGNING, keys.NEXT]
    assert keys.signing_key("ES256").kid == first
    clock.advance(seconds=PUBLISH.total_seconds())
    second = keys.signing_key("ES256").kid
    assert second != first
    assert states() == [keys.RETIRING, keys.SIGNING]
    assert {jwk["kid"] for jwk in keys.published_jwks()} == {first, second}
    clock.advance(seconds=PUBLISH.total_seconds() + 3601)
    assert states() == [keys.GONE, keys.SIGNING]
    assert [jwk["kid"] for jwk in keys.published_jwks()] == [second]


def test_key_stays_published_for_as_long_as_the_longest_token(clock, settings):
    settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": ["ES256"], "KEY_PUBLISH_SECONDS": 10}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "ACCESS_TOKEN_EXPIRE_SECONDS": 100_000}
    keys.signing_key("ES256")
    keys.rotate("ES256", at_once=True)
    clock.advance(seconds=100_005)
    assert states() == [keys.RETIRING, keys.SIGNING]
    clock.advance(seconds=10)
    assert states() == [keys.GONE, keys.SIGNING]


def test_successor_made_late_is_published_before_it_signs(clock):
    """Nobody asked for a year: the next key still waits its day, and the old one signs on."""
    first = keys.signing_key("ES256").kid
    clock.advance(days=365)
    assert keys.signing_key("ES256").kid == first
    assert states() == [keys.SIGNING, keys.NEXT]
    clock.advance(seconds=PUBLISH.total_seconds() + 1)
    assert keys.signing_key("ES256").kid != first


def test_rotation_by_hand_waits_for_publication(clock):
    first = keys.signing_key("ES256").kid
    waiting = keys.rotate("ES256")
    assert waiting.active_from - clock.now() > timedelta(hours=23)
    assert keys.signing_key("ES256").kid == first
    assert keys.rotate("ES256").pk == waiting.pk  # the one that waits is enough


def test_rotation_after_a_leak_signs_at_once(clock):
    first = keys.signing_key("ES256").kid
    waiting = keys.rotate("ES256")
    assert keys.rotate("ES256", at_once=True).pk == waiting.pk
    clock.advance(seconds=1)
    assert keys.signing_key("ES256").kid == waiting.kid != first


def test_first_rotation_makes_the_first_key_too():
    keys.rotate("ES256")
    assert SigningKey.objects.count() == 2


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "private keys do not rest in clear")
def test_private_key_rests_sealed_and_bound_to_its_row():
    pair = keys.signing_key("ES256")
    row = SigningKey.objects.get()
    number = str(pair.private_key.private_numbers().private_value)
    assert number not in row.private_key
    assert "d" not in row.public_jwk
    assert row.public_jwk["kid"] == row.kid
    keys.rotate("ES256")
    SigningKey.objects.filter(generation=2).update(private_key=row.private_key)
    with pytest.raises(SealBroken):
        keys._key_pair(SigningKey.objects.get(generation=2))


def test_key_opens_after_secret_key_has_moved_to_the_fallbacks(settings):
    kid = keys.signing_key("ES256").kid
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]
    assert keys.signing_key("ES256").kid == kid
    assert keys.rotate("ES256").pk
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SealBroken):
        keys.signing_key("ES256")


def test_other_process_that_made_the_generation_first_wins(clock):
    mine = keys.make_key("ES256", generation=1, active_from=clock.now())
    theirs = keys.make_key("ES256", generation=1, active_from=clock.now())
    assert theirs.kid == mine.kid
    assert SigningKey.objects.count() == 1


@pytest.mark.spec("RFC 7517", "5", "the default algorithm's key comes first")
def test_default_algorithm_is_published_first(settings):
    for algorithms in (["RS256", "ES256", "EdDSA"], ["EdDSA", "RS256"], ["PS256", "ES256"]):
        settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": algorithms}
        published = [jwk["alg"] for jwk in keys.published_jwks()]
        assert published[: len(algorithms)] == algorithms


def test_published_set_holds_no_private_member():
    for jwk in keys.published_jwks():
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & jwk.keys()
        assert jwk["use"] == "sig"


@pytest.mark.spec("OIDC Core", "3.1.2.2", "a hint is genuine by its signature, whatever its age")
def test_key_that_is_gone_still_proves_a_hint(clock):
    pair = keys.signing_key("ES256")
    signed = jose.sign({"a": 1}, pair.private_key, alg="ES256", kid=pair.kid)
    clock.advance(days=200)
    keys.signing_key("ES256")
    clock.advance(days=200)
    assert keys.verify_own(signed).claims == {"a": 1}
    with pytest.raises(jose.JoseError):
        keys.verify_own(signed, types=("at+jwt",))


@pytest.mark.django_db(transaction=True)
def test_process_remembers_its_key_for_some_seconds(count_statements, clock):
    pair = keys.signing_key("ES256")
    with count_statements(at_most=0):
        assert keys.signing_key("ES256") is pair
    clock.advance(seconds=6)
    with count_statements() as counted:
        keys.signing_key("ES256")
    assert len(counted) == 1


@pytest.mark.django_db(transaction=True)
def test_key_made_in_a_transaction_that_fails_is_not_remembered():
    with transaction.atomic():
        lost = keys.signing_key("ES256").kid
        transaction.set_rollback(True)
    assert keys.signing_key("ES256").kid != lost
    assert not connection.in_atomic_block


def test_repr_shows_no_private_key():
    pair = keys.signing_key("ES256")
    assert "PrivateKey" not in repr(pair)
