"""`python manage.py demo`: both sites on this machine, from nothing to the first page, in one command."""

import contextlib
import fcntl
import os
import signal
import sys
import time
import webbrowser
from argparse import ArgumentParser
from collections.abc import Iterator
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo_site import environment
from demo_site.environment import Addresses
from demo_site.launch import ports, processes


class Command(BaseCommand):
    help = "Starts the demo: an authorization server and a client, two processes, on this machine's loopback addresses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--provider-port", type=int, default=8000, metavar="PORT", help="the server's (8000)")
        parser.add_argument("--client-port", type=int, default=8001, metavar="PORT", help="the client's (8001)")
        parser.add_argument("--data-dir", metavar="DIR", help="where the demo keeps its files")
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
        parser.add_argument("--reset", action="store_true", help="start over: remove what the demo keeps there")

    def handle(self, *args: Any, **options: Any) -> None:
        addresses = environment.addresses()
        refuse_without_debug()
        refuse_busy_ports(addresses)
        signal.signal(signal.SIGTERM, interrupt)
        with alone_in_folder():
            if options["reset"]:
                environment.reset()
            environment.more_providers()
            environment.remember_addresses(addresses)
            self.run(addresses, open_browser=not options["no_browser"])

    def run(self, addresses: Addresses, *, open_browser: bool) -> None:
        running = processes.sites(addresses)
        try:
            processes.start(running)
            self.say(f"{welcome(addresses)}\n")
            self.say("codeflow demo is ready")
            if open_browser and has_display():
                webbrowser.open(f"{addresses.client}/")
            while True:
                processes.check_all_run(running)
                time.sleep(0.3)
        except KeyboardInterrupt:
            pass
        except processes.SiteFailed as failure:
            raise CommandError(str(failure)) from None
        finally:
            processes.stop(running)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def welcome(addresses: Addresses) -> str:
    folder = str(environment.data_dir()).replace(os.path.expanduser("~") + os.sep, f"~{os.sep}")  # noqa: PTH111
    return f"""
  Client                {addresses.client}/     <- start here
  Authorization server  {addresses.provider}/     (issuer {addresses.issuer})
  Server's admin        {addresses.provider}/admin/     admin / admin
  Client's admin        {addresses.client}/admin/     admin / admin
  People                alice / alice, bob / bob
  Data                  {folder}/   (--data-dir, CODEFLOW_DEMO_DATA; start over with --reset)
"""


def refuse_without_debug() -> None:
    if not settings.DEBUG:
        raise CommandError("The demo keeps tokens for all to see, so it runs with DEBUG on and on this machine alone.")


def refuse_busy_ports(addresses: Addresses) -> None:
    if addresses.provider_port == addresses.client_port:
        raise CommandError(f"Both sites cannot use port {addresses.client_port}; --provider-port or --client-port.")
    wanted = {"--provider-port": addresses.provider_port, "--client-port": addresses.client_port}
    for flag, port in wanted.items():
        if not ports.is_free(port):
            holder = ports.holder_of(port)
            by = f" (held by {holder})" if holder else ""
            raise CommandError(f"Port {port} is busy{by}; end that program or choose another port with {flag}.")


@contextlib.contextmanager
def alone_in_folder() -> Iterator[None]:
    """Two demos must not change one folder's addresses under each other."""
    with (environment.data_dir() / environment.LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(
                f"Another demo uses {environment.data_dir()}; end it, or give this one its own --data-dir."
            ) from None
        yield


def has_display() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
