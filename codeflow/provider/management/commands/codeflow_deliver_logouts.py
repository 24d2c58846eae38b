"""`manage.py codeflow_deliver_logouts`: sends logout tokens that did not arrive at once. Meant for cron, every minute."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from codeflow.provider.flow.backchannel_logout import deliver, due_deliveries


class Command(BaseCommand):
    help = "Sends the logout tokens that are due; safe to run on several hosts at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, default=100, help="at most this many in one run (100)")

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = deliver(due_deliveries(options["limit"]))
        self.stdout.write(f"{outcome.delivered} delivered, {outcome.failed} failed")
