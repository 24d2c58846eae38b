"""Clearing beside traffic: what `codeflow_clear_expired` needs, and what people notice of it."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.driver import Person
from benchmarks.processes import ROOT, Server


class ClearableServer(Server):
    """A server whose site can be given a command, as cron would."""

    def clear(self) -> float:
        """Seconds that `codeflow_clear_expired` ran."""
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "django", "codeflow_clear_expired"],
            env=self._environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return time.perf_counter() - begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """Milliseconds of token requests at the 95th percentile, quiet and meanwhile."""

    rows: int
    seconds: float
    quiet_p50: float
    quiet_p95: float
    p50: float
    p95: float
    quiet_requests: int
    requests: int


def clear_beside_traffic(server: ClearableServer, person: Person, rows: int, *, quiet_seconds: float) -> Cleared:
    """One client exchanges codes without a pause: for a while alone, while the rows are cleared, for a while alone again."""
    quiet = _latencies_while(person, lambda: time.sleep(quiet_seconds))
    spent: list[float] = []
    meanwhile = _latencies_while(person, lambda: spent.append(server.clear()))
    quiet = sorted(quiet + _latencies_while(person, lambda: time.sleep(quiet_seconds)))
    meanwhile.sort()
    return Cleared(
        rows=rows,
        seconds=spent[0],
        quiet_p50=_percentile(quiet, 50),
        quiet_p95=_percentile(quiet, 95),
        p50=_percentile(meanwhile, 50),
        p95=_percentile(meanwhile, 95),
        quiet_requests=len(quiet),
        requests=len(meanwhile),
    )


def _latencies_while(person: Person, work: Callable[[], object]) -> list[float]:
    """Milliseconds of each token request that was sent while `work` ran."""
    done, latencies = threading.Event(), list[float]()
    failed: list[BaseException] = []

    def traffic() -> None:
        try:
            while not done.is_set():
                code = person.authorize()
                begun = time.perf_counter()
                person.token(code)
                latencies.append((time.perf_counter() - begun) * 1000)
        except BaseException as error:  # noqa: BLE001  # told by the caller's thread
            failed.append(error)

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        work()
    finally:
        done.set()
        thread.join()
    if failed:
        raise failed[0]
    return latencies


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
