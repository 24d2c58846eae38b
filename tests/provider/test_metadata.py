"""The metadata documents."""

import pytest

from codeflow.provider import metadata


@pytest.mark.spec("OIDC Discovery", "3", "addresses are on the issuer's origin")
def test_addresses_follow_the_issuer(settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://id.example:8443/o"}
    document = metadata.provider_metadata().to_document()
    assert document["issuer"] == "https://id.example:8443/o"
    assert document["token_endpoint"] == "https://id.example:8443/o/token/"
    assert metadata.issuer_path() == "/o"


@pytest.mark.parametrize(
    ("issuer", "path"), [("https://id.example", ""), ("https://id.example/", ""), ("https://i.d/a/b/", "/a/b")]
)
def test_path_of_the_issuer(settings, issuer, path):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": issuer}
    assert metadata.issuer_path() == path


@pytest.mark.spec("OIDC Discovery", "3", "what is said is what is done")
def test_members_follow_the_settings(settings):
    settings.CODEFLOW_PROVIDER = {"SIGNING_ALGORITHMS": ["ES256"]}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "SCOPES": {"openid": "x", "email": "y"}}
    document = metadata.provider_metadata().to_document()
    assert document["id_token_signing_alg_values_supported"] == ["ES256"]
    assert document["scopes_supported"] == ["openid", "email"]
    assert "email" in document["claims_supported"]
    assert "name" not in document["claims_supported"]
    assert document["claims_supported"].count("sub") == 1
