"""What a sign-in and an API call cost at four relying parties for Django, in one run beside each other.

    pip install -r requirements.txt -r tests/interop/requirements.txt
    python benchmarks/relying_party_cost.py

Each library is a site in a process of its own (benchmarks/relying_parties), with database sessions on SQLite and the same provider on a
loopback socket. Metadata and keys are cached as far as the library caches them, the person is known. Slices alternate; CPU is that of
the site's process alone. Prints a table, and saves it with --output as DIRECTORY/relying_party.md and relying_party.json.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":  # a script's own folder comes first on the path; the project's belongs there
    sys.path[0] = str(ROOT)

import django  # noqa: E402  # the path first

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.projects.both.settings")
django.setup()

from benchmarks.compare_relying_parties import LIBRARIES, SECRET, Provider, version_of  # noqa: E402  # Django first
from tests.relying_party.misbehaving_provider import CLIENT_ID  # noqa: E402

NAMES = ("codeflow", "mozilla", "allauth", "authlib")
LOGIN, CALL = "login", "call"


class Site:
    """One library's process; `do` returns CPU seconds, statements and what the provider was asked."""

    def __init__(self, name: str, op: Provider, folder: Path) -> None:
        self._op = op
        peer = {"issuer": op.issuer, "client_id": CLIENT_ID, "client_secret": SECRET, "api": f"{op.origin}/api/"}
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / f"{name}.sqlite3")}
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": f"benchmarks.relying_parties.{name}",
            "PEER": json.dumps(peer),
            "CODEFLOW_TEST_DATABASE": json.dumps(database),
            "AUTHLIB_INSECURE_TRANSPORT": "1",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
        }
        command = [sys.executable, "-m", "benchmarks.relying_parties.measured", LIBRARIES[name][1]]
        with (folder / f"{name}.log").open("wb") as log:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=log, text=True
            )
        self._log = folder / f"{name}.log"
        self._heard()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def do(self, what: str, times: int) -> dict[str, Any]:
        self._op.log.clear()
        self._tell({"do": what, "times": times})
        while "location" in (heard := self._heard()):
            location = heard["location"]
            callback = urlsplit(parse_qs(urlsplit(location).query)["redirect_uri"][0]).path
            self._tell([callback, self._op.authorize(location)])
        paths = [seen.path.removeprefix("/op/") for seen in self._op.log]
        return {**heard, "asked": sorted(path for path in paths if not path.startswith("/api/")), "calls": len(paths)}

    def _tell(self, content: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(content) + "\n")
        self._process.stdin.flush()

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self._log.read_text()[-3000:])
        heard: dict[str, Any] = json.loads(line)
        return heard


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--times", type=int, default=12, help="sign-ins, and API calls, in one slice (12)")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY")
    options = parser.parse_args()
    with running_sites() as sites:
        counted = {name: {what: site.do(what, 1) for what in (LOGIN, CALL)} for name, site in sites.items()}
        cpu = measure(sites, options.rounds, options.times)
    text = page(counted, cpu, options)
    print(text)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "relying_party.md").write_text(text, encoding="utf-8")
        content = json.dumps({"counted": counted, "cpu_ms": cpu}, indent=1)
        (options.output / "relying_party.json").write_text(content + "\n", encoding="utf-8")


@contextmanager
def running_sites() -> Iterator[dict[str, Site]]:
    """Each has signed the person in twice: caches are warm, the person is known."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="codeflow-rp-")))
        op = stack.enter_context(Provider())
        sites = {}
        for name in NAMES:
            sites[name] = Site(name, op, folder)
            stack.callback(sites[name].stop)
            sites[name].do(LOGIN, 2)
            sites[name].do(CALL, 2)
        yield sites


def measure(sites: dict[str, Site], rounds: int, times: int) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of CPU for one sign-in and one API call, a figure for each round."""
    cpu: dict[str, dict[str, list[float]]] = {name: {LOGIN: [], CALL: []} for name in sites}
    names = list(sites)
    for number in range(rounds):
        names.append(names.pop(0))  # nobody always follows the same neighbour
        for what in (LOGIN, CALL):
            for name in names:
                cpu[name][what].append(sites[name].do(what, times)["cpu"] / times * 1000)
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return cpu


def page(
    counted: dict[str, dict[str, Any]], cpu: dict[str, dict[str, list[float]]], options: argparse.Namespace
) -> str:
    head = ["", "outbound calls per login", "statements per login", "CPU ms per login", "outbound calls per API call", "statements per API call", "CPU ms per API call"]  # fmt: skip
    rows = [head, ["---"] * len(head)]
    for name, of_site in counted.items():
        login, call = of_site[LOGIN], of_site[CALL]
        rows.append(
            [
                f"{LIBRARIES[name][0]} {version_of(LIBRARIES[name][0])}",
                f"{login['calls']} ({', '.join(_short(path) for path in login['asked'])})",
                str(login["statements"]),
                _middle(cpu[name][LOGIN], cpu["codeflow"][LOGIN]),
                str(call["calls"]),
                str(call["statements"]),
                _middle(cpu[name][CALL], cpu["codeflow"][CALL]),
            ]
        )
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    note = (
        f"Python {sys.version.split()[0]}, Django {version('Django')}; {options.rounds} rounds of {options.times}; median of the rounds "
        "(ratio to codeflow, median within a round). Database sessions; DEBUG is on, since the provider is plain http on a loopback host."
    )
    return f"{table}\n\n{note}\n"


def _middle(values: list[float], ours: list[float]) -> str:
    ratio = statistics.median(one / other for one, other in zip(values, ours, strict=True))
    return f"{statistics.median(values):.1f} ({ratio:.2f})"


def _short(path: str) -> str:
    return path.replace(".well-known/openid-configuration", "metadata")


if __name__ == "__main__":
    main()
