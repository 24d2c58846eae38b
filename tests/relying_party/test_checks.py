"""System checks: each mistake has an id and a hint that names what mends it."""

import pytest
from django.apps import apps
from django.core.checks import run_checks

from codeflow.relying_party import checks
from codeflow.relying_party.conf import conf
from codeflow.relying_party.entries import did_you_mean
from codeflow.relying_party.errors import ConfigurationError

SHARED = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared"}}


@pytest.fixture
def good(settings):
    settings.DEBUG = False
    settings.CACHES = SHARED
    settings.ROOT_URLCONF = "tests.projects.relying_party_only.urls"
    settings.MIDDLEWARE = [checks._AUTHENTICATION, checks.MIDDLEWARE]
    settings.AUTHENTICATION_BACKENDS = [checks.BACKEND, "django.contrib.auth.backends.ModelBackend"]
    settings.ACME = {"issuer": "https://login.acme.example", "client_id": "shop", "client_secret": "s"}
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"acme": settings.ACME}}
    return settings


def ids():
    return [message.id.removeprefix("codeflow_relying_party.") for check in checks.CHECKS for message in check()]


def test_good_settings_have_no_message(good):
    assert ids() == []


def test_checks_are_registered(good):
    good.CODEFLOW_RELYING_PARTY = {}
    assert "codeflow_relying_party.E006" in [message.id for message in run_checks()]


def test_every_message_has_a_hint(good):
    good.CODEFLOW_RELYING_PARTY = {"PROVIDER": {}}
    messages = [message for check in checks.CHECKS for message in check()]
    assert [message.hint for message in messages if not message.hint] == []
    assert "did you mean PROVIDERS?" in messages[0].hint


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"MIDDLEWARE": [checks._AUTHENTICATION]}, ["E001"]),
        ({"MIDDLEWARE": [checks.MIDDLEWARE, checks._AUTHENTICATION]}, ["E002"]),
        ({"MIDDLEWARE": [checks.MIDDLEWARE]}, ["E002"]),
        ({"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"]}, ["E003"]),
        ({"CODEFLOW_RELYING_PARTY": {}}, ["E006"]),
        ({"CODEFLOW_RELYING_PARTY": {"PROVIDERS": {"acme": "x"}}}, ["E007"]),
        ({"CODEFLOW_RELYING_PARTY": {"PROVIDERS": {"acme": {}}}}, ["E007", "E007"]),
        ({"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}, ["E011"]),
        ({"CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}}, ["E011"]),
        ({"CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}, "DEBUG": True}, []),
    ],
)
def test_settings(good, changes, expected):
    for name, value in changes.items():
        setattr(good, name, value)
    assert ids() == expected


def test_url_include_is_missing(good):
    good.ROOT_URLCONF = "django.contrib.auth.urls"
    assert ids() == ["E004"]


def test_umbrella_app_is_missing(good, monkeypatch):
    monkeypatch.setattr(checks.apps, "is_installed", lambda name: False)
    assert ids() == ["W001"]


@pytest.mark.parametrize("seconds", [0, -1, "3600", True])
def test_session_seconds(good, seconds):
    good.CODEFLOW_RELYING_PARTY["SESSION_SECONDS"] = seconds
    assert ids() == ["E015"]


@pytest.mark.parametrize(("model", "expected"), [("auth.User", []), ("auth.Permission", ["E016", "E016"])])
def test_roles_need_a_user_model_that_has_them(good, monkeypatch, model, expected):
    good.ACME["groups"] = {"claim": "groups", "map": {"a": "A"}, "staff": ["a"]}
    monkeypatch.setattr(checks, "get_user_model", lambda: apps.get_model(model))
    assert ids() == expected


def test_signed_cookie_sessions_are_refused(good):
    good.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    assert ids() == ["E014"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": ""}, ["W002"]),
        ({"client_secrett": "s"}, ["E007"]),
        ({"issuer": ""}, ["E007"]),
        ({"issuer": "http://login.acme.example"}, ["E008"]),
        ({"issuer": "http://localhost:8000/o"}, ["E008"]),
        ({"issuer": "https://login.acme.example?x"}, ["E008"]),
        ({"issuer": 7}, ["E007"]),
        ({"apis": {"orders": "http://api.acme.example/"}}, ["E009"]),
        ({"apis": {"orders": "https://api.acme.example/"}}, []),
        ({"apis": {"orders": 7}}, ["E007"]),
        ({"apis": []}, ["E007"]),
        ({"leeway": -1}, ["E007"]),
        ({"leeway": True}, ["E007"]),
        ({"required_scope": "orders"}, ["E007"]),
        ({"userinfo": "no"}, ["E007"]),
        ({"username": 7}, ["E007"]),
        ({"link": "always"}, ["E007"]),
        ({"link": "ask"}, []),
        ({"link": "never", "leeway": 30, "required_scope": ["orders"], "userinfo": False, "username": "a.b"}, []),
    ],
)
def test_providers(good, changes, expected):
    good.ACME.update(changes)
    assert ids() == expected


def test_loopback_issuer_is_for_developers(good):
    good.DEBUG = True
    good.ACME["issuer"] = "http://localhost:8000/o"
    assert ids() == []


@pytest.mark.parametrize(
    ("url", "debug", "expected"),
    [
        ("https://shop.example", False, []),
        ("https://shop.example/", False, []),
        ("https://shop.example/auth", False, ["E012"]),
        ("shop.example", False, ["E012"]),
        ("http://shop.example", False, ["E013"]),
        ("http://127.0.0.1:8001", False, ["E013"]),
        ("http://127.0.0.1:8001", True, []),
    ],
)
def test_public_url(good, url, debug, expected):
    good.DEBUG = debug
    good.CODEFLOW_RELYING_PARTY["PUBLIC_URL"] = url
    assert ids() == expected


@pytest.mark.parametrize(("name", "expected"), [("sessionid", ["W003"]), ("client_session", [])])
def test_neighbours_on_one_host(good, name, expected):
    good.DEBUG = True
    good.SESSION_COOKIE_NAME = name
    good.ACME["issuer"] = "http://localhost:8000/o"
    good.CODEFLOW_RELYING_PARTY["PUBLIC_URL"] = "http://localhost:8001"
    assert ids() == expected


def test_named_cache_must_exist(good):
    good.CODEFLOW_RELYING_PARTY["CACHE"] = "shared"
    assert ids() == ["E010"]


def test_guesses():
    assert did_you_mean("isuer", ["issuer"]) == "; did you mean issuer?"
    assert did_you_mean("xyz", ["issuer"]) == ""


def test_settings_are_read_at_each_access(good):
    assert conf.provider("acme").label == "acme"
    good.ACME["label"] = "Acme"
    assert conf.provider("acme").label == conf.label("acme") == "Acme"
    assert conf.label("nobody") == "nobody"


@pytest.mark.parametrize("name", ["acne", "broken"])
def test_unusable_provider_is_named(good, name):
    good.CODEFLOW_RELYING_PARTY["PROVIDERS"]["broken"] = {}
    with pytest.raises(ConfigurationError, match=name):
        conf.provider(name)


def test_secret_is_not_shown(good):
    good.ACME["client_secret"] = "very secret"
    assert "very secret" not in repr(conf.provider("acme"))
