"""manage.py codeflow_tokens reencrypt | clear"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from codeflow.relying_party.clearing import clear_expired
from codeflow.relying_party.reencryption import BATCH, reencrypt


class Command(BaseCommand):
    help = "Looks after the tokens that this site holds for people who signed in through a provider."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        anew = actions.add_parser("reencrypt", help="seal every token under the first of TOKEN_KEYS")
        anew.add_argument("--batch", type=int, default=BATCH, help=f"rows per query (default: {BATCH})")
        actions.add_parser("clear", help="delete sessions over age, dead grants and used logout tokens")

    def handle(self, *args: Any, action: str, batch: int = BATCH, **options: Any) -> None:
        self.stdout.write(str(reencrypt(max(batch, 1)) if action == "reencrypt" else clear_expired()))
