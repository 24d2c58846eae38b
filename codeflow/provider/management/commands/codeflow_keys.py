"""`manage.py codeflow_keys make|rotate|withdraw|reseal|list`: the signing keys in the database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from codeflow.provider import audit, key_store, keys, server_secrets
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import SigningKey


class Command(BaseCommand):
    help = "Makes, rotates or lists the keys that sign ID tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("make", help="make the first key of each algorithm, where there is none")
        rotate = actions.add_parser("rotate", help="make the next key; it signs after it has been published")
        rotate.add_argument("--alg", choices=keys.ALGORITHMS, help="one algorithm; all that are offered by default")
        rotate.add_argument("--now", action="store_true", help="sign with it at once (after a leak)")
        withdraw = actions.add_parser(
            "withdraw", help="take a leaked key out of the set; what it signed counts no more"
        )
        withdraw.add_argument("kid", metavar="KID")
        actions.add_parser("reseal", help="seal keys and salts under the newest SECRET_KEY, whose fallback may then go")
        listing = actions.add_parser("list", help="list all keys with their states")
        listing.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] != "reseal" and key_store.is_external():
            raise CommandError(f"The keys are kept in {provider_settings.key_store}; change them there.")
        getattr(self, f"_{options['action']}")(options)

    def _make(self, options: dict[str, Any]) -> None:
        for alg in provider_settings.signing_algorithms:
            pair = keys.signing_key(alg)
            self.stdout.write(f"{alg} signs with {pair.kid}")

    def _rotate(self, options: dict[str, Any]) -> None:
        for alg in [options["alg"]] if options["alg"] else provider_settings.signing_algorithms:
            key = keys.rotate(alg, at_once=options["now"])
            audit.record("key.rotated", reason=alg)
            self.stdout.write(f"{alg} will sign with {key.kid} from {key.active_from:%Y-%m-%d %H:%M:%S %Z}")

    def _withdraw(self, options: dict[str, Any]) -> None:
        try:
            keys.withdraw(options["kid"])
        except SigningKey.DoesNotExist as error:
            raise CommandError(f"There is no key {options['kid']}; see codeflow_keys list.") from error
        except ValueError as error:
            raise CommandError("This key still signs. First: codeflow_keys rotate --now") from error
        audit.record("key.withdrawn", reason=options["kid"])
        self.stdout.write(f"{options['kid']} is withdrawn")

    def _reseal(self, options: dict[str, Any]) -> None:
        done = keys.reseal() + server_secrets.reseal()
        self.stdout.write(f"{done} sealed under the newest SECRET_KEY")

    def _list(self, options: dict[str, Any]) -> None:
        rows = list(SigningKey.objects.order_by("alg", "generation"))
        now = timezone.now()
        described = [
            {
                "kid": key.kid,
                "alg": key.alg,
                "state": keys.key_state(key, rows, now),
                "signs_from": key.active_from.isoformat(timespec="seconds"),
            }
            for key in rows
        ]
        if options["json"]:
            self.stdout.write(json.dumps(described))
            return
        for row in described:
            self.stdout.write("  ".join((row["state"].ljust(8), row["alg"].ljust(5), row["signs_from"], row["kid"])))
