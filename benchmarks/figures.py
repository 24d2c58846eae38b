"""From slices to figures: CPU per request, latencies, rates, and ratios that are each taken within one round."""

import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.slices import Slice

FLOOR, OURS = "floor", "codeflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One peer at one endpoint. Times in milliseconds."""

    cpu: float
    """Of the server's processes, the median of the rounds."""
    cpu_least: float
    database_cpu: float
    p50: float
    p95: float
    p99: float
    per_second: float
    to_floor: float | None
    """CPU by the floor's in the same round, the median; None without a floor."""
    to_floor_range: tuple[float, float] | None
    """First and last quartile: the noise."""
    to_ours: float | None
    """CPU by codeflow's in the same round."""
    driver_share: float
    """Of all CPU spent while this peer was measured."""


def figures_of(rounds: list[dict[str, Slice]]) -> dict[str, Figures]:
    """Peer → figures. Each round holds a slice for every peer."""
    return {name: _figures(name, rounds) for name in rounds[0]}


def as_json(figures: Figures) -> dict[str, Any]:
    return asdict(figures)


def _figures(name: str, rounds: list[dict[str, Slice]]) -> Figures:
    slices = [one[name] for one in rounds]
    latencies = sorted(latency * 1000 for one in slices for latency in one.latencies)
    cpu = [_per_request(one) for one in slices]
    to_floor = _ratios(name, FLOOR, rounds)
    to_ours = _ratios(name, OURS, rounds)
    driver = sum(one.driver_cpu for one in slices)
    return Figures(
        cpu=statistics.median(cpu),
        cpu_least=min(cpu),
        database_cpu=statistics.median(one.database_cpu / one.requests * 1000 for one in slices),
        p50=_percentile(latencies, 50),
        p95=_percentile(latencies, 95),
        p99=_percentile(latencies, 99),
        per_second=statistics.median(one.requests / one.seconds for one in slices),
        to_floor=statistics.median(to_floor) if to_floor else None,
        to_floor_range=_quartiles(to_floor) if to_floor else None,
        to_ours=statistics.median(to_ours) if to_ours else None,
        driver_share=driver / (driver + sum(one.server_cpu + one.database_cpu for one in slices)),
    )


def _per_request(one: Slice) -> float:
    return one.server_cpu / one.requests * 1000


def _ratios(name: str, other: str, rounds: Iterable[dict[str, Slice]]) -> list[float]:
    return [_per_request(one[name]) / _per_request(one[other]) for one in rounds if other in one]


def _quartiles(values: list[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    first, _second, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, third


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
