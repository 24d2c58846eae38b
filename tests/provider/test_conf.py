"""Settings, read at access."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from codeflow.provider.conf import DEFAULTS, provider_settings


def test_issuer_that_is_missing_names_the_line_to_write(settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": ""}
    with pytest.raises(ImproperlyConfigured, match="OIDC_ISS_ENDPOINT"):
        _ = provider_settings.issuer


@pytest.mark.spec("RFC 6749", "3.3", "a missing scope never means every scope")
def test_default_scopes_are_none_unless_named(settings):
    assert provider_settings.default_scopes == ()
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "DEFAULT_SCOPES": ["__all__"]}
    assert provider_settings.default_scopes == ()
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "DEFAULT_SCOPES": ["openid"]}
    assert provider_settings.default_scopes == ("openid",)


def test_settings_are_read_each_time(settings):
    settings.CODEFLOW_PROVIDER = {"CACHE_SECONDS": 1}
    assert provider_settings.cache_seconds == 1
    settings.CODEFLOW_PROVIDER = {"CACHE_SECONDS": 2}
    assert provider_settings.cache_seconds == 2
    del settings.CODEFLOW_PROVIDER
    assert provider_settings.cache_seconds == DEFAULTS["CACHE_SECONDS"]


def test_refresh_tokens_without_an_idle_limit_live_as_long_as_their_grant(settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "REFRESH_TOKEN_EXPIRE_SECONDS": None}
    assert provider_settings.refresh_token_lifetime == timedelta(days=180)


def test_hooks_are_callables_or_paths_to_them(settings):
    settings.CODEFLOW_PROVIDER = {"SUBJECT": "tests.provider.test_conf.a_subject"}
    assert provider_settings.subject is a_subject
    settings.CODEFLOW_PROVIDER = {"SUBJECT": a_subject}
    assert provider_settings.subject is a_subject
    assert provider_settings.user_claims is None


def a_subject(user, client):
    return "somebody"


def test_unknown_keys_are_guessed(settings):
    settings.CODEFLOW_PROVIDER = {"CACHE_SECOND": 1, "NONSENSE_ALTOGETHER": 1, "SUBJECT": None}
    assert provider_settings.unknown_keys() == {"CACHE_SECOND": "CACHE_SECONDS", "NONSENSE_ALTOGETHER": ""}


def test_every_old_secret_key_opens(settings):
    settings.SECRET_KEY_FALLBACKS = ["old", "older"]
    assert provider_settings.secrets == (settings.SECRET_KEY, "old", "older")
