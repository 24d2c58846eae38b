"""The app says what is missing before anything fails on it."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured


def test_missing_toolkit_is_named(monkeypatch):
    config = apps.get_app_config("codeflow_provider")
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "oauth2_provider")
    with pytest.raises(ImproperlyConfigured, match="oauth2_provider"):
        config.import_models()


def test_missing_defaults_are_named(settings):
    config = apps.get_app_config("codeflow_provider")
    del settings.OAUTH2_PROVIDER_GRANT_MODEL
    with pytest.raises(ImproperlyConfigured, match="defaults"):
        config.import_models()
