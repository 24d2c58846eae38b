"""What growth costs: the same endpoints on a nearly empty database and on one with a million live grants, in one run.

    pip install -r requirements.txt -r benchmarks/requirements.txt
    python benchmarks/growth.py                      a million live grants, about 10 minutes
    python benchmarks/growth.py --grants 10000000    about 12 GB on disk
    python benchmarks/growth.py --grants 2000 --expired 900 --rounds 1 --requests 8 --quiet 1      does it run at all

The person who signs in on the large one holds 10,000 live tokens. Then come expired rows, and `codeflow_clear_expired` clears them
beside traffic. Prints tables, and saves them with --output as DIRECTORY/growth.md and growth.json.
"""

import argparse
import json
import platform
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # a script's own folder comes first on the path; the project's belongs there
    sys.path[0] = str(Path(__file__).parents[1])

import psutil

from benchmarks.clearing import ClearableServer, Cleared, clear_beside_traffic
from benchmarks.driver import Person
from benchmarks.filling import bytes_of, fill, fill_expired
from benchmarks.peers import CODEFLOW
from benchmarks.postgresql import Postgresql
from benchmarks.slices import ENDPOINTS, Runner, Slice

EMPTY, FULL = "near-empty", "full"
TABLES = ("accesstoken", "refreshtoken", "providersession", "providersession_clients", "auditevent")
GRANT = ("accesstoken", "refreshtoken")
"""What a live grant is made of, once its spent code is cleared."""
WARM_UP = 3
_COUNTED = ("rows inserted", "rows updated", "rows deleted", "commits", "bytes of write-ahead log")
_COUNTERS = """
SELECT tup_inserted, tup_updated, tup_deleted, xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')
FROM pg_stat_database WHERE datname = current_database()
"""

Rounds = dict[str, list[dict[str, Slice]]]
"""Endpoint → rounds → database → what its slice cost."""


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="codeflow-growth-")))
        postgres = Postgresql()
        stack.callback(postgres.stop)
        runners = {name: _start(name, postgres, folder, stack) for name in (EMPTY, FULL)}
        full = runners[FULL].server
        seconds = _timed(lambda: _fill(postgres, full.database_name, options))
        sizes = {table: bytes_of(postgres, full.database_name, table) for table in TABLES}
        rounds = _measure(runners, options)
        written = _written(postgres, runners[FULL], 4 * options.requests)
        cleared = _clear(postgres, runners[FULL], options) if options.expired else None
        machine = {**_machine(options), "PostgreSQL": postgres.version, "filled in": f"{seconds:.0f} s"}
    text = "\n\n".join(_report(machine, sizes, rounds, written, cleared, options)) + "\n"
    print(text)
    if options.output:
        _save(options.output, text, {"machine": machine, "bytes": sizes, "written": written}, rounds, cleared)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--grants", type=int, default=1_000_000, help="live grants of the full database (1000000)")
    parser.add_argument("--own", type=int, help="of them the signed-in person's (10000, or a tenth)")
    parser.add_argument("--expired", type=int, default=900_000, help="expired rows to clear (900000); 0 clears none")
    parser.add_argument("--quiet", type=float, default=15.0, help="seconds of traffic alone before and after (15)")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--requests", type=int, default=48, help="in one slice (48)")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY", help="where growth.md and growth.json go")
    options = parser.parse_args()
    options.own = min(10_000, options.grants // 10) if options.own is None else options.own
    return options


def _start(name: str, postgres: Postgresql, folder: Path, stack: ExitStack) -> Runner:
    secret = secrets.token_urlsafe(32)
    database = postgres.new_database(f"growth_{name.replace('-', '_')}")
    server = ClearableServer(CODEFLOW, database, secret=secret, key="", workers=2, folder=folder)
    stack.callback(server.stop)
    return Runner(server, Person(CODEFLOW, server.address, server.session_key, secret), postgres.process)


def _fill(postgres: Postgresql, database: str, options: argparse.Namespace) -> None:
    print(f"filling {options.grants:,} live grants", file=sys.stderr)
    fill(postgres, database, options.grants, of_one_person=options.own)
    postgres.run(database, "CHECKPOINT")


def _measure(runners: dict[str, Runner], options: argparse.Namespace) -> Rounds:
    """Slices of both databases alternate; who begins, changes."""
    rounds: Rounds = {endpoint: [] for endpoint in ENDPOINTS}
    names = list(runners)
    for number in range(WARM_UP + options.rounds):
        names.reverse()
        for endpoint in ENDPOINTS:
            slices = {name: runners[name].slice(endpoint, options.requests, 1) for name in names}
            if number >= WARM_UP:
                rounds[endpoint].append(slices)
        print(f"round {number + 1} of {WARM_UP + options.rounds}", file=sys.stderr)
    return rounds


def _written(postgres: Postgresql, runner: Runner, flows: int) -> dict[str, float]:
    """What one whole sign-in (authorize, token, userinfo) writes, from the database's own counters."""
    database = runner.server.database_name

    def counters() -> list[tuple[str, float]]:
        time.sleep(2)  # processes hand in their counts when they are idle
        rows = postgres.run(database, _COUNTERS)[0]
        return [(name, float(value)) for name, value in zip(_COUNTED, rows, strict=True)]

    runner.slice("whole flow", 4, 1)
    postgres.run(database, "CHECKPOINT")
    before = counters()
    runner.slice("whole flow", flows, 1)
    return {name: (after - earlier) / flows for (name, earlier), (_, after) in zip(before, counters(), strict=True)}


def _clear(postgres: Postgresql, runner: Runner, options: argparse.Namespace) -> Cleared:
    print(f"filling {options.expired:,} expired rows", file=sys.stderr)
    assert isinstance(runner.server, ClearableServer)
    rows = fill_expired(postgres, runner.server.database_name, options.expired)
    postgres.run(runner.server.database_name, "CHECKPOINT")
    cleared = clear_beside_traffic(runner.server, runner.person, rows, quiet_seconds=options.quiet)
    left = postgres.run(
        runner.server.database_name,
        "SELECT count(*) FROM codeflow_provider_refreshtoken WHERE expires < now() - interval '11 minutes'",
    )
    assert left == [(0,)], "expired rows were left"
    return cleared


def _report(
    machine: dict[str, str],
    sizes: dict[str, dict[str, int]],
    rounds: Rounds,
    written: dict[str, float],
    cleared: Cleared | None,
    options: argparse.Namespace,
) -> Iterator[str]:
    yield "\n".join(f"- {name}: {value}" for name, value in machine.items())
    yield f"### {options.grants:,} live grants beside a near-empty database"
    yield f"The person has {options.own:,} live tokens in the full one. Medians of the rounds; ratios within one round (quartiles)."
    yield _table(
        [
            ["", "near-empty: CPU ms", "full: CPU ms", "ratio of CPU", "p50 ms", "ratio of p50"],
            *map(_row, rounds.items()),
        ]
    )
    yield "### Bytes on disk"
    grant = sum(sum(sizes[table].values()) for table in GRANT) / options.grants
    yield f"**{grant:.0f} bytes per live grant** (one access and one refresh token with their indexes)."
    yield _table(
        [["table", "bytes per row", "of which"], *(_size(table, parts, options) for table, parts in sizes.items())]
    )
    yield "### What one sign-in writes"
    yield _table([["", "for one"], *([name, f"{value:.1f}"] for name, value in written.items())])
    if cleared:
        yield f"### Clearing {cleared.rows:,} expired rows beside traffic"
        yield _cleared(cleared)


def _row(item: tuple[str, list[dict[str, Slice]]]) -> list[str]:
    endpoint, rounds = item
    cpu = {name: [_cpu(one[name]) for one in rounds] for name in (EMPTY, FULL)}
    p50 = {name: [statistics.median(one[name].latencies) * 1000 for one in rounds] for name in (EMPTY, FULL)}
    middle = " / ".join(f"{statistics.median(p50[name]):.1f}" for name in (EMPTY, FULL))
    return [
        endpoint,
        *(f"{statistics.median(cpu[name]):.2f}" for name in (EMPTY, FULL)),
        _ratio(cpu),
        middle,
        _ratio(p50),
    ]


def _cpu(one: Slice) -> float:
    """Milliseconds of server and database for one request."""
    return (one.server_cpu + one.database_cpu) / one.requests * 1000


def _ratio(values: dict[str, list[float]]) -> str:
    ratios = [full / empty for empty, full in zip(values[EMPTY], values[FULL], strict=True)]
    if len(ratios) < 2:
        return f"{ratios[0]:.2f}"
    first, middle, third = statistics.quantiles(ratios, n=4, method="inclusive")
    return f"{middle:.2f} ({first:.2f}–{third:.2f})"


def _size(table: str, parts: dict[str, int], options: argparse.Namespace) -> list[str]:
    each = {name: size / options.grants for name, size in parts.items()}
    return [table, f"{sum(each.values()):.0f}", ", ".join(f"{name} {size:.0f}" for name, size in each.items())]


def _cleared(one: Cleared) -> str:
    return _table(
        [
            ["", "quiet", "meanwhile", "ratio"],
            ["token p50, ms", f"{one.quiet_p50:.1f}", f"{one.p50:.1f}", f"{one.p50 / one.quiet_p50:.2f}"],
            ["token p95, ms", f"{one.quiet_p95:.1f}", f"{one.p95:.1f}", f"{one.p95 / one.quiet_p95:.2f}"],
            ["token requests", str(one.quiet_requests), str(one.requests), ""],
            ["seconds", "", f"{one.seconds:.1f}", ""],
        ]
    )


def _table(rows: list[list[str]]) -> str:
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _save(folder: Path, text: str, facts: dict[str, Any], rounds: Rounds, cleared: Cleared | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        **facts,
        "rounds": {
            endpoint: [
                {name: {"cpu_ms": _cpu(one), "latencies": one.latencies} for name, one in pair.items()}
                for pair in pairs
            ]
            for endpoint, pairs in rounds.items()
        },
        "clearing": asdict(cleared) if cleared else None,
    }
    (folder / "growth.md").write_text(text, encoding="utf-8")
    (folder / "growth.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _machine(options: argparse.Namespace) -> dict[str, str]:
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in ("Django", "django-oauth-toolkit", "gunicorn"))
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": f"{psutil.cpu_count()} cores, Linux {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "packages": packages,
        "command": "python benchmarks/growth.py " + " ".join(sys.argv[1:]),
        "rounds": f"{options.rounds} of {options.requests} requests for each endpoint and database, concurrency 1",
    }


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
