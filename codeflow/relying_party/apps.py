"""The relying party as a Django app."""

from django.apps import AppConfig
from django.core.checks import register


class RelyingPartyConfig(AppConfig):
    name = "codeflow.relying_party"
    label = "codeflow_relying_party"
    verbose_name = "Sign-in with OpenID Connect"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from codeflow.relying_party import checks  # it reads models, which exist only now

        for check in checks.CHECKS:
            register(check)
