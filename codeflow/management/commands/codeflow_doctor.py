"""codeflow_doctor: is everything as it must be? Asks each installed role, and the other servers.

    manage.py codeflow_doctor                       everything
    manage.py codeflow_doctor acme                  one provider of the relying party
    manage.py codeflow_doctor --client CLIENT_ID    one client of the provider
    manage.py codeflow_doctor --json                for scripts

Exits with 1 where there is a problem; warnings alone are no reason.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib import import_module
from itertools import groupby
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.color import Style

from codeflow.core.findings import NOTE, OK, PROBLEM, WARNING, Finding

Told = tuple[str, Finding]
"""A role's name and what its doctor found."""

PROVIDER, RELYING_PARTY = "codeflow.provider", "codeflow.relying_party"
_TITLES = {PROVIDER: "provider", RELYING_PARTY: "relying party"}
_STYLES: dict[str, Callable[[Style], Callable[[str], str]]] = {
    OK: lambda style: style.SUCCESS,
    NOTE: lambda style: style.NOTICE,
    WARNING: lambda style: style.WARNING,
    PROBLEM: lambda style: style.ERROR,
}


class Command(BaseCommand):
    help = "Looks at the settings, the keys, the clients and the providers, and says what is wrong and what mends it."
    requires_system_checks: list[str] = []  # what they find is told below, beside everything else

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", nargs="?", default="", help="a key of PROVIDERS; all of them by default")
        parser.add_argument("--client", default="", metavar="CLIENT_ID", help="a client of this site's own provider")
        parser.add_argument("--json", action="store_true", help="findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        told = list(_told(options["provider"], options["client"]))
        counts = Counter(finding.level for _, finding in told)
        if options["json"]:
            self.stdout.write(json.dumps(_as_document(told, counts), indent=2))
        else:
            self._print(told, counts)
        if counts[PROBLEM]:
            raise SystemExit(1)

    def _print(self, told: list[Told], counts: Counter[str]) -> None:
        for (role, subject), findings in groupby(told, key=lambda item: (item[0], item[1].subject)):
            self.stdout.write(self.style.MIGRATE_HEADING(" · ".join(filter(None, (_TITLES[role], subject)))))
            for _, finding in findings:
                self._print_finding(finding)
        self.stdout.write(f"{counts[PROBLEM]} problems, {counts[WARNING]} warnings")

    def _print_finding(self, finding: Finding) -> None:
        level = _STYLES[finding.level](self.style)(finding.level.ljust(8))
        self.stdout.write(f"  {level} {finding.check}: {finding.what}")
        if finding.fix:
            self.stdout.write(f"           fix: {finding.fix}")


def _told(provider: str, client_id: str) -> Iterator[Told]:
    """Of both roles, or of the one that was asked about."""
    if provider and not client_id:
        roles = [RELYING_PARTY]
    elif client_id and not provider:
        roles = [PROVIDER]
    else:
        roles = [PROVIDER, RELYING_PARTY]
    missing = [role for role in roles if not apps.is_installed(role)]
    if missing and (provider or client_id):
        raise CommandError(f"{missing[0]} is not in INSTALLED_APPS.")
    for role in roles:
        if role not in missing:
            asked = client_id if role == PROVIDER else provider
            yield from ((role, finding) for finding in import_module(f"{role}.doctor").findings(asked))


def _as_document(told: list[Told], counts: Counter[str]) -> dict[str, Any]:
    return {
        "ok": not counts[PROBLEM],
        "problems": counts[PROBLEM],
        "warnings": counts[WARNING],
        "findings": [{"role": role.rpartition(".")[2], **asdict(finding)} for role, finding in told],
    }
