"""Measures codeflow's provider beside its peers: one command, this machine alone.

    pip install -r requirements.txt -r benchmarks/requirements.txt
    python benchmarks/run.py            about 25 minutes; --quick takes two

Every peer runs under gunicorn (`-w 2 -k sync`) with a database of its own on one PostgreSQL, then on SQLite files. Slices of each
endpoint alternate between them. Prints the tables, and saves them with --output as DIRECTORY/result.md and result.json.
"""

import argparse
import json
import platform
import secrets
import sqlite3
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from importlib import metadata
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # a script's own folder comes first on the path; the project's belongs there
    sys.path[0] = str(Path(__file__).parents[1])

import psutil
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks import postgresql, report
from benchmarks.driver import Person
from benchmarks.figures import Figures, as_json, figures_of
from benchmarks.peers import PEERS
from benchmarks.postgresql import Postgresql
from benchmarks.processes import Server
from benchmarks.slices import ENDPOINTS, Runner, Slice

POSTGRESQL, SQLITE = "postgresql", "sqlite"
COUNTED = 5
"""Requests whose statements are counted."""


def main() -> None:
    options = _options()
    tables: dict[str, dict[str, dict[str, Figures]]] = {}
    counts: dict[str, Any] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="codeflow-benchmark-")))
        server = Postgresql()
        stack.callback(server.stop)
        machine = {**_machine(options), "PostgreSQL": server.version}
        for engine in options.databases:
            with ExitStack() as running:
                runners = _start(engine, server, options, folder, running)
                if engine == POSTGRESQL:
                    counts = {name: _count(runner, server) for name, runner in runners.items()}
                for concurrency in options.concurrency:
                    title = f"{engine}, concurrency {concurrency}"
                    tables[title] = _measure(runners, engine, server, concurrency, options)
    text = report.markdown(machine, tables, counts)
    print(text)
    if options.output:
        _save(options.output, text, machine, tables, counts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="3 rounds of 24 requests, PostgreSQL, concurrency 1")
    parser.add_argument("--rounds", type=int, help="how often every peer gets its turn (15)")
    parser.add_argument("--requests", type=int, help="requests in one slice (64)")
    parser.add_argument("--concurrency", type=int, nargs="+", help="(1 8)")
    parser.add_argument("--databases", nargs="+", choices=(POSTGRESQL, SQLITE), help="(both)")
    parser.add_argument("--peers", nargs="+", choices=[peer.name for peer in PEERS], help="(all)")
    parser.add_argument("--workers", type=int, default=2, help="of each gunicorn (2)")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY", help="where result.md and result.json go")
    options = parser.parse_args()
    standard: dict[str, Any] = {"rounds": 15, "requests": 64, "concurrency": [1, 8], "databases": [POSTGRESQL, SQLITE]}
    quick: dict[str, Any] = {"rounds": 3, "requests": 24, "concurrency": [1], "databases": [POSTGRESQL]}
    for name, value in (quick if options.quick else standard).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.peers = [peer for peer in PEERS if not options.peers or peer.name in options.peers]
    return options


def _start(
    engine: str, postgres: Postgresql, options: argparse.Namespace, folder: Path, running: ExitStack
) -> dict[str, Runner]:
    secret, key = secrets.token_urlsafe(32), _private_key()
    runners = {}
    for place, peer in enumerate(options.peers):
        name = f"peer_{place}"
        database = postgres.new_database(name) if engine == POSTGRESQL else _sqlite(folder / f"{name}.sqlite3")
        server = Server(peer, database, secret=secret, key=key, workers=options.workers, folder=folder)
        running.callback(server.stop)
        person = Person(peer, server.address, server.session_key, secret)
        runners[peer.name] = Runner(server, person, postgres.process if engine == POSTGRESQL else None)
    for runner in runners.values():
        _warm_up(runner, options.workers)
    return runners


def _warm_up(runner: Runner, workers: int) -> None:
    """Every worker has answered every endpoint before anything is measured."""
    for _time in range(2):
        for endpoint in ENDPOINTS:
            runner.slice(endpoint, 2 * workers * runner.server.peer.weight, 1)


def _count(runner: Runner, postgres: Postgresql) -> dict[str, tuple[float, float]]:
    """Statements and explicit commits of one request at each endpoint."""
    counts = {}
    for endpoint in ENDPOINTS:
        requests = COUNTED * runner.server.peer.weight
        with postgres.counting(runner.server.database_name) as counted:
            done = runner.slice(endpoint, requests, 1).requests
        counts[endpoint] = (postgresql.statements(counted) / done, postgresql.commits(counted) / done)
    return counts


def _measure(
    runners: dict[str, Runner], engine: str, postgres: Postgresql, concurrency: int, options: argparse.Namespace
) -> dict[str, dict[str, Figures]]:
    rounds: dict[str, list[dict[str, Slice]]] = {endpoint: [] for endpoint in ENDPOINTS}
    names = list(runners)
    for number in range(options.rounds):
        _clear(runners, engine, postgres)
        turn = names[number % len(names) :] + names[: number % len(names)]  # nobody always follows the same neighbour
        for endpoint in ENDPOINTS:
            slices = {name: runners[name].slice(endpoint, options.requests, concurrency) for name in turn}
            rounds[endpoint].append({name: slices[name] for name in names})
        print(f"{engine}, concurrency {concurrency}: round {number + 1} of {options.rounds}", file=sys.stderr)
    return {endpoint: figures_of(of_endpoint) for endpoint, of_endpoint in rounds.items()}


def _clear(runners: dict[str, Runner], engine: str, postgres: Postgresql) -> None:
    for runner in runners.values():
        server = runner.server
        if engine == POSTGRESQL:
            postgres.run(server.database_name, *server.peer.clearing, "VACUUM ANALYZE")
        else:
            _run_on_sqlite(server.database_name, *server.peer.clearing)


def _save(folder: Path, text: str, machine: Any, tables: Any, counts: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "machine": machine,
        "counts": counts,
        "figures": {
            title: {endpoint: {peer: as_json(one) for peer, one in peers.items()} for endpoint, peers in table.items()}
            for title, table in tables.items()
        },
    }
    (folder / "result.md").write_text(text, encoding="utf-8")
    (folder / "result.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _machine(options: argparse.Namespace) -> dict[str, str]:
    versions = {name: metadata.version(name) for name in ("Django", "django-oauth-toolkit", "gunicorn", "psycopg")}
    if any(peer.name == "django-oidc-provider" for peer in options.peers):
        versions["django-oidc-provider"] = metadata.version("django-oidc-provider")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": f"{psutil.cpu_count()} × {_processor()}, Linux {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "command": "python benchmarks/run.py " + " ".join(sys.argv[1:]),
        "rounds": f"{options.rounds} of {options.requests} requests for each endpoint, peer and concurrency",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _sqlite(path: Path) -> dict[str, Any]:
    """A SQLite file as sites run it: WAL, and transactions that take their lock when they begin."""
    init = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": init}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}


def _run_on_sqlite(path: str, *statements: str) -> None:
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


if __name__ == "__main__":
    main()
