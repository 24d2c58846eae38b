"""The same requests to codeflow and to django-oauth-toolkit as it comes: which rows of the case tables hold?

python -m benchmarks.compare_providers            prints the table
python -m benchmarks.compare_providers --write    writes it into docs/security.md

Each provider runs in a process of its own, on SQLite in memory, with its own models, views and settings (benchmarks/providers). A row holds where
the answer is what the row asks for; a 500 never is.
"""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
COMMAND = "python -m benchmarks.compare_providers --write"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"

PROVIDERS = {
    "codeflow": "benchmarks.providers.codeflow",
    "toolkit": "benchmarks.providers.toolkit",
    "toolkit, every gate on": "benchmarks.providers.toolkit_gates",
}
HELD, BROKEN, CRASHED = "holds", "**no**", "**500**"


def main() -> None:
    if "--run" in sys.argv:
        print(json.dumps(run()))
        return
    table = markdown({name: results_of(settings) for name, settings in PROVIDERS.items()})
    if "--write" not in sys.argv:
        print(table)
        return
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def results_of(settings: str) -> list[tuple[str, str, str]]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.compare_providers", "--run"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600)
    return [(row, what, result) for row, what, result in json.loads(done.stdout.splitlines()[-1])]


def run() -> list[tuple[str, str, str]]:
    """In the process of one provider."""
    import logging

    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from benchmarks.providers.probes import PROBES

    return [(row, what, result_of(function)) for row, what, function in PROBES]


def result_of(function: object) -> str:
    from django.core.cache import cache
    from django.db import transaction

    from benchmarks.providers.site import Broke, Site

    cache.clear()
    with transaction.atomic():
        try:
            with transaction.atomic():
                return HELD if function(Site()) else BROKEN  # type: ignore[operator]
        except Broke:
            return CRASHED
        finally:
            transaction.set_rollback(True)


def markdown(results: dict[str, list[tuple[str, str, str]]]) -> str:
    names = list(results)
    setup = (
        f"django-codeflow {version_of_codeflow()}; django-oauth-toolkit {version('django-oauth-toolkit')} with the settings of its "
        f"OpenID Connect page, and with every RFC 9700 gate that it has; Django {version('Django')}. `{COMMAND}`"
    )
    lines = [
        setup,
        "",
        f"| row | what | {' | '.join(names)} |",
        f"|---|---|{'---|' * len(names)}",
    ]
    for together in zip(*results.values(), strict=True):
        row, what, _ = together[0]
        lines.append(f"| {row} | {what} | {' | '.join(result for _, _, result in together)} |")
    totals = [f"{sum(result == HELD for _, _, result in found)} of {len(found)}" for found in results.values()]
    lines.append(f"| | **rows that hold** | {' | '.join(totals)} |")
    return "\n".join(lines)


def version_of_codeflow() -> str:
    from codeflow import __version__

    return __version__


if __name__ == "__main__":
    main()
