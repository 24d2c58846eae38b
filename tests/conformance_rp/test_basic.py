"""oidcc-client-basic-certification-test-plan, and oidcc-client-formpost-basic-certification-test-plan with its form."""

import pytest

from codeflow.core import jose
from codeflow.testing.keys import ALG, other_key, published_keys

pytestmark = pytest.mark.django_db


@pytest.mark.spec("OIDC Core", "3.1", "the whole flow, userinfo included")
def test_oidcc_client_test(suite):
    suite.sign_in()


@pytest.mark.spec("OIDC Core", "3.1.3.7 (2)", "another iss")
def test_oidcc_client_test_invalid_iss(suite):
    suite.op.misbehave("id_token_iss_wrong")
    suite.must_stop("id_token.iss")


@pytest.mark.spec("OIDC Core", "2", "no sub")
def test_oidcc_client_test_missing_sub(suite):
    suite.op.misbehave("sub_missing")
    suite.must_stop("id_token.sub")


@pytest.mark.spec("OIDC Core", "3.1.3.7 (3)", "another aud")
def test_oidcc_client_test_invalid_aud(suite):
    suite.op.misbehave("aud_wrong")
    suite.must_stop("id_token.aud")


@pytest.mark.spec("OIDC Core", "2", "no iat")
def test_oidcc_client_test_missing_iat(suite):
    suite.op.misbehave("iat_missing")
    suite.must_stop("id_token.iat")


@pytest.mark.spec("OIDC Core", "10.1", "no kid, one key: it is the key")
def test_oidcc_client_test_kid_absent_single_jwks(suite):
    suite.op.misbehave("kid_missing")
    suite.sign_in()


@pytest.mark.spec("OIDC Core", "10.1", "no kid, several keys: each fitting one is tried")
def test_oidcc_client_test_kid_absent_multiple_jwks(suite):
    suite.op.misbehave("kid_missing")
    suite.op.ways.jwks = {"keys": [jose.public_jwk(other_key(), alg=ALG, kid="another"), *published_keys()["keys"]]}
    suite.sign_in()


@pytest.mark.spec("OIDC Core", "3.1.3.7 (6)", "RS256")
def test_oidcc_client_test_idtoken_sig_rs256(suite):
    suite.sign_in()
    assert suite.op.ways.sign is None


@pytest.mark.spec("RFC 8725", "3.1", "alg none")
def test_oidcc_client_test_idtoken_sig_none(suite):
    suite.op.misbehave("alg_none")
    suite.must_stop("id_token.alg")


@pytest.mark.spec("OIDC Core", "3.1.3.7 (6)", "a signature that does not hold")
def test_oidcc_client_test_invalid_sig_rs256(suite):
    suite.op.misbehave("signature_wrong")
    suite.must_stop("id_token.signature")


@pytest.mark.spec("OIDC Core", "5.3.2", "userinfo about somebody else")
def test_oidcc_client_test_userinfo_invalid_sub(suite):
    suite.op.misbehave("userinfo_sub_wrong")
    suite.must_refuse_userinfo("userinfo.sub")


@pytest.mark.spec("OIDC Core", "3.1.3.7 (11)", "another nonce")
def test_oidcc_client_test_nonce_invalid(suite):
    suite.op.misbehave("nonce_wrong")
    suite.must_stop("id_token.nonce")


@pytest.mark.spec("OIDC Core", "5.4", "profile, email, address and phone are asked for, and their claims used")
def test_oidcc_client_test_scope_userinfo_claims(suite):
    suite.sign_in()
    assert {"profile", "email", "address", "phone"} <= set(suite.authorization_request()["scope"].split())
    claims = suite.client.get("/").json()["claims"]
    assert (claims["email"], claims["phone_number"], claims["name"]) == ("user@example.com", "+1 555", "User")


@pytest.mark.spec("RFC 6749", "2.3.1", "client_secret_basic, both halves encoded")
def test_oidcc_client_test_client_secret_basic(suite):
    suite.op.ways.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_basic"]
    suite.sign_in()
