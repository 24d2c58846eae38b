"""Keys that the operator keeps in a file or in the environment."""

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured

from codeflow.core import jose
from codeflow.provider import key_store, keys
from codeflow.provider.models import SigningKey
from tests.provider.exchange import tokens_for


def pem(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


P256 = ec.generate_private_key(ec.SECP256R1())
ED25519 = ed25519.Ed25519PrivateKey.generate()


@pytest.fixture
def store(settings, tmp_path):
    """Writes these keys into the store."""

    def write(*blocks):
        path = tmp_path / f"keys-{len(list(tmp_path.iterdir()))}.pem"
        path.write_text("\n".join(blocks), encoding="ascii")
        settings.CODEFLOW_PROVIDER = {"KEY_STORE": f"file:{path}", "SIGNING_ALGORITHMS": ["ES256", "EdDSA"]}
        return path

    return write


@pytest.mark.django_db
def test_flow_runs_on_keys_of_a_file_and_makes_none(store, signed_in, party):
    store(pem(P256), pem(ED25519))
    tokens = tokens_for(signed_in, party)
    published = party.transport.send("GET", "/o/jwks/", headers={}).json()["keys"]
    assert jose.verify(tokens["id_token"], published, algorithms=["ES256"]).claims["sub"]
    assert keys.verify_own(tokens["id_token"])
    assert not SigningKey.objects.exists()


def test_first_key_of_each_kind_signs_and_all_are_published(store):
    other = ec.generate_private_key(ec.SECP256R1())
    store(pem(other), pem(P256), pem(ED25519))
    assert keys.signing_key("ES256").kid == jose.public_jwk(other, alg="ES256")["kid"]
    assert [jwk["alg"] for jwk in keys.published_jwks()] == ["ES256", "ES256", "EdDSA"]


def test_rsa_key_serves_both_of_its_algorithms_under_two_ids(settings, monkeypatch):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    monkeypatch.setenv("TEST_KEYS", pem(key))
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": "env:TEST_KEYS"}
    published = keys.published_jwks()
    assert {jwk["alg"] for jwk in published} == {"RS256", "PS256"}
    assert len({jwk["kid"] for jwk in published}) == 2
    for alg in ("RS256", "PS256"):
        pair = keys.signing_key(alg)
        signed = jose.sign({"a": 1}, pair.private_key, alg=alg, kid=pair.kid)
        assert jose.verify(signed, published, algorithms=[alg])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no private key"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "cannot be read"),
        (pem(P256, BestAvailableEncryption(b"x")), "unencrypted"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "kind or size"),
        (pem(dsa.generate_private_key(2048)), "kind or size"),
    ],
)
def test_store_that_cannot_be_used_says_why_and_shows_no_key(store, text, says):
    store(text)
    with pytest.raises(ImproperlyConfigured, match=says) as failure:
        key_store.external_keys()
    assert "BEGIN" not in str(failure.value)


@pytest.mark.spec("RFC 8725", "3.5", "a weak key is refused")
def test_short_rsa_key_is_refused(store):
    store(pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)))  # noqa: S505  the weakness is the point
    with pytest.raises(ImproperlyConfigured, match="kind or size"):
        key_store.external_keys()


def test_algorithm_without_a_key_names_the_store(store):
    store(pem(P256))
    with pytest.raises(ImproperlyConfigured, match="No key for EdDSA"):
        keys.signing_key("EdDSA")


@pytest.mark.parametrize("place", ["file:/no/such/file", "vault:x", "env:"])
def test_place_that_is_none(settings, place):
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": place}
    with pytest.raises(ImproperlyConfigured):
        key_store.external_keys()
