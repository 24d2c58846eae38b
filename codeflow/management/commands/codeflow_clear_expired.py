"""codeflow_clear_expired: deletes what nobody needs any more, of both roles. For cron, once an hour.

    manage.py codeflow_clear_expired
    manage.py codeflow_clear_expired --dry-run             count, delete nothing
    manage.py codeflow_clear_expired --max-seconds 300     stop after five minutes; the next run goes on

Safe on several hosts at once, and to kill.
"""

import time
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from codeflow.clearing import all_sweeps
from codeflow.sweeping import BATCH, Sweep, clear

_TELL_EVERY = 5.0


class Command(BaseCommand):
    help = "Deletes expired codes, tokens, sessions and events, in small pieces that no sign-in waits for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=_positive, default=BATCH, help=f"rows in one transaction ({BATCH})")
        parser.add_argument("--max-seconds", type=float, default=None, help="begin no transaction after this long")
        parser.add_argument("--dry-run", action="store_true", help="count what would go, delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._tell_counts()
        else:
            self._clear(options["batch"], options["max_seconds"])

    def _tell_counts(self) -> None:
        for sweep in all_sweeps():
            self.stdout.write(f"{sweep.name}: {sweep.count():,} to clear")

    def _clear(self, batch: int, max_seconds: float | None) -> None:
        until = None if max_seconds is None else time.monotonic() + max_seconds
        for sweep in all_sweeps():
            self._clear_sweep(sweep, batch, until)
        if until is not None and time.monotonic() >= until:
            self.stdout.write(f"Stopped after {max_seconds:g} seconds; what is left is for the next run.")

    def _clear_sweep(self, sweep: Sweep, batch: int, until: float | None) -> None:
        begun = told = time.monotonic()
        total = 0
        for deleted in clear(sweep, batch=batch, until=until):
            total += deleted
            if time.monotonic() - told > _TELL_EVERY:
                told = time.monotonic()
                self.stdout.write(f"{sweep.name}: {total:,} cleared so far")
        self.stdout.write(f"{sweep.name}: {total:,} cleared in {time.monotonic() - begun:.1f} s")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be 1 or more")
    return number
