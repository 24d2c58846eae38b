"""A site that has both roles, its provider far away and in good order."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from codeflow.testing import fake_provider

ISSUER = "https://login.acme.example"


@pytest.fixture(autouse=True)
def site(settings: Any, db: None) -> Any:
    acme = {"issuer": ISSUER, "client_id": "shop", "client_secret": "secret", "scope": "openid email"}
    settings.CODEFLOW_RELYING_PARTY = {
        "PUBLIC_URL": "https://shop.example",
        "CACHE": "shared",
        "PROVIDERS": {"acme": acme},
    }
    settings.ACME = acme
    return settings


@pytest.fixture
def op():
    with fake_provider("acme") as provider:
        yield provider


class Told:
    """What the command said."""

    def __init__(self, *arguments: str) -> None:
        out = StringIO()
        try:
            call_command("codeflow_doctor", *arguments, "--json", stdout=out)
            self.exit_code = 0
        except SystemExit as end:
            self.exit_code = end.code
        self.document = json.loads(out.getvalue())

    def level(self, check: str, subject: str | None = None) -> list[str]:
        return [item["level"] for item in self.about(check, subject)]

    def about(self, check: str, subject: str | None = None) -> list[dict[str, str]]:
        return [
            item
            for item in self.document["findings"]
            if item["check"] == check and (subject is None or item["subject"] == subject)
        ]

    def what(self, check: str) -> str:
        return " ".join(item["what"] for item in self.about(check))

    def fix(self, check: str) -> str:
        return " ".join(item["fix"] for item in self.about(check))


@pytest.fixture
def doctor():
    return Told
