"""The metadata documents."""

import json

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.utils import translation

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


urlpatterns = [
    *i18n_patterns(path("o/", include("codeflow.provider.urls"))),
    path("", include("codeflow.provider.well_known_urls")),
]


@pytest.fixture
def translated_site(settings):
    """A site whose addresses begin with the language."""
    settings.ROOT_URLCONF = __name__
    settings.LANGUAGE_CODE, settings.LANGUAGES = "en", [("en", "English"), ("de", "Deutsch")]
    before, session, after = settings.MIDDLEWARE[:1], settings.MIDDLEWARE[1], settings.MIDDLEWARE[2:]
    assert session.endswith("SessionMiddleware")
    settings.MIDDLEWARE = [*before, session, "django.middleware.locale.LocaleMiddleware", *after]
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://testserver/en/o"}


@pytest.mark.usefixtures("translated_site")
@pytest.mark.spec("OIDC Discovery", "4", "everybody is told the same addresses")
def test_addresses_follow_nobodys_language(browser):
    documents = []
    for language in ("en", "de", "de-DE, de;q=0.9", "fr"):
        for address in ("/.well-known/openid-configuration/en/o", "/en/o/.well-known/openid-configuration"):
            answer = browser.open(address, **{"Accept-Language": language})
            assert answer.status_code == 200
            documents.append(answer.json())
    with translation.override("de"):
        documents.append(json.loads(json.dumps(metadata.provider_metadata().to_document())))
    assert all(document == documents[0] for document in documents)
    assert documents[0]["token_endpoint"] == "https://testserver/en/o/token/"
    assert documents[0]["end_session_endpoint"] == "https://testserver/en/o/logout/"
