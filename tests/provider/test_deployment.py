"""check --deploy: each unsafe setting is named with a hint and a stable id, and a site made ready passes."""

import os
import subprocess
import sys

import pytest

from codeflow.provider import deployment


def found(check):
    return [message.id.partition(".")[2] for message in check()]


@pytest.mark.parametrize(
    ("check", "name", "value", "number"),
    [
        ("check_limits", "CODEFLOW_PROVIDER", {"CACHE": "nowhere"}, "E021"),
        ("check_limits", "CODEFLOW_PROVIDER", {"RATE_LIMITS": {"adress": (1, 1)}}, "E022"),
        ("check_limits", "CODEFLOW_PROVIDER", {"RATE_LIMITS": {"address": 5}}, "E022"),
        ("check_limits", "CODEFLOW_PROVIDER", {"RATE_LIMITS": {"address": (0, 60)}}, "E022"),
        ("check_limits", "CODEFLOW_PROVIDER", {"RATE_LIMITS": [1]}, "E022"),
        ("check_limits", "CODEFLOW_PROVIDER", {"TRUSTED_PROXIES": True}, "E023"),
        ("check_limits", "CODEFLOW_PROVIDER", {"TRUSTED_PROXIES": -1}, "E023"),
        ("check_shared_cache", "CODEFLOW_PROVIDER", {}, "W101"),
        ("check_proxies", "SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https"), "W102"),
        ("check_proxies", "USE_X_FORWARDED_HOST", True, "W102"),
        ("check_limits_are_on", "CODEFLOW_PROVIDER", {"RATE_LIMITS": {"address": None}}, "W103"),
        ("check_private_addresses", "CODEFLOW_PROVIDER", {"LOGOUT_PRIVATE_ADDRESSES": True}, "W104"),
        ("check_password_hashers", "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"], "W106"),
        ("check_issuer_host", "ALLOWED_HOSTS", ["other.example"], "W107"),
    ],
)
def test_unsafe_setting_is_named(settings, check, name, value, number):
    setattr(settings, name, value)
    messages = list(getattr(deployment, check)())
    assert [message.id for message in messages] == [f"codeflow_provider.{number}"]
    assert messages[0].hint


def test_safe_settings_are_silent(settings):
    settings.CACHES = {
        **settings.CACHES,
        "redis": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://x"},
    }
    settings.CODEFLOW_PROVIDER = {"CACHE": "redis", "TRUSTED_PROXIES": 1, "RATE_LIMITS": {"address": (300, 60)}}
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for hasher in ("PBKDF2PasswordHasher", "Argon2PasswordHasher", "PBKDF2SHA1PasswordHasher"):
        settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{hasher}"]
        assert [
            number for check in (deployment.check_limits, *deployment.DEPLOYMENT_CHECKS) for number in found(check)
        ] == []


def test_logged_sql_is_named(caplog):
    caplog.set_level("DEBUG", logger="django.db.backends")
    assert found(deployment.check_sql_log) == ["W105"]


@pytest.fixture
def manage(tmp_path):
    def run(settings, *arguments):
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "CODEFLOW_DEMO_DATA": str(tmp_path)}
        command = [sys.executable, "-m", "django", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_demo_made_ready_for_others_passes_without_a_warning(manage):
    done = manage("tests.projects.demo_in_production", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_demo_as_it_is_does_not_start_for_others(manage):
    """Its observer keeps tokens in full: with DEBUG off that is an error, whatever else is set."""
    done = manage("tests.projects.demo_careless", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode != 0
    for number in (
        "demo_trace.E001",
        "codeflow_provider.E006",
        "security.W004",
        "security.W008",
        "security.W012",
        "security.W016",
    ):
        assert number in done.stderr
