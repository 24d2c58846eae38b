"""The app codeflow.provider."""

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_MODEL_SETTINGS = {
    "OAUTH2_PROVIDER_APPLICATION_MODEL": "codeflow_provider.Client",
    "OAUTH2_PROVIDER_GRANT_MODEL": "codeflow_provider.AuthorizationCode",
    "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL": "codeflow_provider.AccessToken",
    "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL": "codeflow_provider.RefreshToken",
    "OAUTH2_PROVIDER_ID_TOKEN_MODEL": "codeflow_provider.IDToken",
}


class ProviderConfig(AppConfig):
    name = "codeflow.provider"
    label = "codeflow_provider"
    verbose_name = "codeflow provider"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Says what is missing before DOT fails on half-swapped models."""
        if not apps.is_installed("oauth2_provider"):
            raise ImproperlyConfigured(
                'codeflow.provider needs django-oauth-toolkit: add "oauth2_provider" to INSTALLED_APPS, above "codeflow.provider".'
            )
        missing = [name for name in _MODEL_SETTINGS if not hasattr(settings, name)]
        if missing:
            raise ImproperlyConfigured(
                "codeflow.provider needs its settings. Add this line to settings.py, above your own OAUTH2_PROVIDER: "
                f"from codeflow.provider.defaults import *   (missing: {', '.join(missing)})"
            )
        super().import_models()

    def ready(self) -> None:
        from codeflow.provider import checks, deployment, receivers

        receivers.connect()
        checks.register_checks()
        deployment.register_checks()
