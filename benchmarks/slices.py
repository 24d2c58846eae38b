"""Interleaved slices: every peer does a few requests of one endpoint, then all do the next, round after round.

The machine's moods then hit all peers alike, and a ratio is taken within one round.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psutil

from benchmarks.driver import Person
from benchmarks.processes import Server, cpu_seconds, spent_between

ENDPOINTS = ("authorize", "token", "userinfo", "introspect", "refresh", "whole flow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What some requests of one endpoint to one peer cost."""

    requests: int
    seconds: float
    server_cpu: float
    """Seconds, of the whole tree of processes."""
    database_cpu: float
    driver_cpu: float
    latencies: list[float] = field(repr=False)


class Runner:
    """Sends slices to one peer; the codes of a slice feed the next one."""

    def __init__(self, server: Server, person: Person, database: psutil.Process | None) -> None:
        self.server, self.person, self._database = server, person, database
        self._codes: list[str] = []
        self._tokens: list[dict[str, Any]] = []

    def slice(self, endpoint: str, requests: int, concurrency: int) -> Slice:
        requests = max(concurrency, requests // self.server.peer.weight)
        call, values = self._calls(endpoint, requests)
        latencies, results = [], []
        before = self._spent()
        begun = time.perf_counter()
        with ThreadPoolExecutor(concurrency) as pool:
            for latency, result in pool.map(lambda value: _timed(call, value), values):
                latencies.append(latency)
                results.append(result)
        seconds = time.perf_counter() - begun
        driver, server, database = self._spent_since(before)
        self._keep(endpoint, results)
        return Slice(
            requests=requests,
            seconds=seconds,
            server_cpu=server,
            database_cpu=database,
            driver_cpu=driver,
            latencies=latencies,
        )

    def _calls(self, endpoint: str, requests: int) -> tuple[Callable[[Any], Any], Iterable[Any]]:
        person = self.person
        if endpoint == "authorize":
            return lambda _number: person.authorize(), range(requests)
        if endpoint == "whole flow":
            return lambda _number: person.whole_flow(), range(requests)
        if endpoint == "token":
            return person.token, self._codes[:requests]
        if endpoint == "refresh":
            return person.refresh, [tokens["refresh_token"] for tokens in self._tokens[:requests]]
        call = {"userinfo": person.userinfo, "introspect": person.introspect}[endpoint]
        return call, [tokens["access_token"] for tokens in self._tokens[:requests]]

    def _keep(self, endpoint: str, results: list[Any]) -> None:
        if endpoint == "authorize":
            self._codes = results
        elif endpoint == "token":
            self._tokens = results

    def _spent(self) -> tuple[float, list[dict[int, float]]]:
        others = [self.server.process, *([self._database] if self._database else [])]
        return time.process_time(), [cpu_seconds(process) for process in others]

    def _spent_since(self, before: tuple[float, list[dict[int, float]]]) -> tuple[float, float, float]:
        """Seconds of the driver, the server and the database."""
        driver, others = self._spent()
        server, database = (*map(spent_between, before[1], others), 0.0)[:2]
        return driver - before[0], server, database


def _timed(call: Callable[[Any], Any], value: Any) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = call(value)
    return time.perf_counter() - begun, result
