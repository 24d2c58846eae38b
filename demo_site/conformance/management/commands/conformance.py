"""`python manage.py conformance`: makes the tables, the person and the clients, and prints the suite's configuration."""

import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo_site.conformance import registration
from demo_site.conformance.browser import suite_configuration
from demo_site.conformance.configuration import Configuration


class Command(BaseCommand):
    help = "Prepares this provider for the OpenID conformance suite and prints the suite's configuration as JSON."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the suite's JSON and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        configuration: Configuration | None = getattr(settings, "CONFORMANCE", None)
        if configuration is None:
            raise CommandError("Run it with --settings demo_site.settings.conformance.")
        call_command("migrate", interactive=False, verbosity=0)
        registration.prepare(configuration)
        if not options["json"]:
            self._explain(configuration)
        self.stdout.write(json.dumps(suite_configuration(configuration), indent=2))

    def _explain(self, configuration: Configuration) -> None:
        self.stdout.write(f"issuer         {configuration.issuer}")
        self.stdout.write(f"redirect URIs  {' '.join(configuration.redirect_uris)}")
        self.stdout.write(f"person         {configuration.username} / {configuration.password}")
        for client in configuration.clients:
            self.stdout.write(f"{client.role:<20} {client.client_id} / {client.client_secret}")
        self.stdout.write(f"logout told    {configuration.logout or 'to nobody'}")
        self.stdout.write("Paste this into the suite's JSON tab:\n")
