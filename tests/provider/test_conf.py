"""Settings, read at access."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from codeflow.core import jose
from codeflow.provider.conf import DEFAULTS, moment, provider_settings
from codeflow.provider.models import ProviderSession
from tests.provider.exchange import tokens_for


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


# Sites that keep local times (USE_TZ off)


@pytest.fixture
def local_times(settings):
    settings.USE_TZ, settings.TIME_ZONE = False, "America/New_York"


def test_moment_is_aware_where_the_sites_times_are():
    assert moment(0) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.usefixtures("local_times")
def test_moment_is_the_local_time_of_a_site_without_zones():
    assert moment(0) == datetime(1969, 12, 31, 19)  # noqa: DTZ001  naive is what is meant
    assert moment(1_750_000_000.5).timestamp() == 1_750_000_000.5


@pytest.mark.django_db
@pytest.mark.spec("OIDC Core", "2", "auth_time is in seconds since the epoch, whatever the site's zone")
def test_whole_round_where_the_site_keeps_local_times(local_times, browser, party, user):
    browser.authorize(party.request())
    browser.log_in(user)
    tokens = tokens_for(browser, party)
    claims = jose.parse(tokens["id_token"])[1]
    assert abs(claims["auth_time"] - time.time()) < 60
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["exp"] > time.time()
    assert party.userinfo(tokens["access_token"]).json()["sub"] == str(user.pk)
    told = party.introspect(tokens["access_token"]).json()
    assert told["iat"] <= time.time() + 1 < told["exp"]
    refreshed = party.refresh(tokens["refresh_token"]).json()
    again = party.refresh(tokens["refresh_token"]).json()  # an honest retry
    for name in ("access_token", "refresh_token", "scope"):
        assert again[name] == refreshed[name]
    assert abs(again["expires_in"] - refreshed["expires_in"]) <= 2
    assert jose.parse(again["id_token"])[1]["auth_time"] == claims["auth_time"]


@pytest.mark.django_db
def test_signing_in_again_moves_auth_time_where_the_site_keeps_local_times(local_times, browser, party, user, clock):
    browser.sign_in(user)
    first = jose.parse(tokens_for(browser, party)["id_token"])[1]
    clock.advance(minutes=5)
    browser.authorize(party.request(max_age="60"))
    browser.log_in(user)
    second = jose.parse(tokens_for(browser, party)["id_token"])[1]
    assert second["auth_time"] >= first["auth_time"] + 300
    assert ProviderSession.objects.get().auth_time.tzinfo is None
