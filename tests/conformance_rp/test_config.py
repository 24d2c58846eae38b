"""oidcc-client-config-certification-test-plan."""

import pytest

from codeflow.core import jose
from codeflow.testing.keys import ALG, OTHER_KID, other_key, sign

pytestmark = pytest.mark.django_db


@pytest.mark.spec("OIDC Discovery", "4", "the metadata document is fetched and used")
def test_oidcc_client_test_discovery_openid_config(suite):
    suite.sign_in()
    assert len(suite.op.requests_to("/.well-known/openid-configuration")) == 1


@pytest.mark.spec("OIDC Discovery", "3", "keys come from the jwks_uri that the document names")
def test_oidcc_client_test_discovery_jwks_uri_keys(suite):
    suite.sign_in()
    assert [request.url for request in suite.op.requests_to("/jwks")] == [f"{suite.op.issuer}jwks"]


@pytest.mark.spec("OIDC Discovery", "4.3", "another issuer: nothing but discovery is asked")
def test_oidcc_client_test_discovery_issuer_mismatch(suite):
    suite.op.misbehave("metadata_issuer_wrong")
    suite.must_stop("metadata.issuer")
    assert [request.path for request in suite.op.requests] == ["/test/a/codeflow/.well-known/openid-configuration"]


def rotate(suite):
    """New key, new kid; the old one is gone. What the client has cached stays."""
    suite.op.ways.jwks = {"keys": [jose.public_jwk(other_key(), alg=ALG, kid=OTHER_KID)]}
    suite.op.ways.sign = lambda claims: sign(claims, {"kid": OTHER_KID}, other_key())


@pytest.mark.spec("OIDC Core", "10.1.1", "keys rotated between their fetch and the signature")
def test_oidcc_client_test_signing_key_rotation_just_before_signing(suite):
    suite.sign_in()
    suite.client.logout()
    rotate(suite)
    suite.sign_in()
    assert len(suite.op.requests_to("/jwks")) == 2


@pytest.mark.spec("OIDC Core", "10.1.1", "two sign-ins across a rotation")
def test_oidcc_client_test_signing_key_rotation(suite):
    suite.sign_in()
    rotate(suite)
    suite.client.logout()
    suite.sign_in()
    suite.client.logout()
    suite.sign_in()
    assert len(suite.op.requests_to("/jwks")) == 2
