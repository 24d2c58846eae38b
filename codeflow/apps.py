"""The umbrella app "codeflow": listed once by every site that has a role."""

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.core.signals import request_finished

from codeflow.clearing import after_response

ROLES = {
    "codeflow.provider": "the authorization server / OpenID Provider",
    "codeflow.relying_party": "the relying party",
}


class CodeflowConfig(AppConfig):
    name = "codeflow"
    label = "codeflow"
    verbose_name = "codeflow"

    def ready(self) -> None:
        register(check_a_role_is_installed)
        request_finished.connect(after_response)


def check_a_role_is_installed(**kwargs: object) -> list[CheckMessage]:
    """codeflow.E001: the umbrella app alone does nothing."""
    if any(apps.is_installed(role) for role in ROLES):
        return []
    choices = " or ".join(f'"{role}" ({what})' for role, what in ROLES.items())
    return [
        Error(
            "codeflow is installed, but no role of it is.",
            hint=f"Add {choices} to INSTALLED_APPS, or both.",
            id="codeflow.E001",
        )
    ]
