"""The figures as Markdown: one table for each database and concurrency, and what each peer asks of PostgreSQL."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.figures import FLOOR, OURS, Figures
from benchmarks.slices import ENDPOINTS

GOALS = {"authorize": 1.5, "token": 2.2, "userinfo": 1.7, "introspect": 1.7, "refresh": 2.2, "whole flow": 1.6}
"""CPU by the floor's, at most."""

Cell = Callable[[Figures], str]
Table = Mapping[str, Mapping[str, Figures]]
"""Endpoint → peer → figures."""


def markdown(machine: Mapping[str, str], tables: Mapping[str, Table], counts: Mapping[str, Any]) -> str:
    parts = ["\n".join(f"- {name}: {value}" for name, value in machine.items())]
    if counts:
        parts.append(_counts(counts))
    for title, table in tables.items():
        parts += [f"### {title}", *_tables(table)]
    return "\n\n".join(parts) + "\n"


def _tables(table: Table) -> list[str]:
    parts = ["Server CPU, ms per request: median of the rounds (least)", _table(table, _cpu)]
    if FLOOR in table[ENDPOINTS[0]]:
        goals = ["goal for codeflow", *(f"≤ {GOALS[endpoint]}" for endpoint in ENDPOINTS)]
        parts += ["CPU by the floor's: median (quartiles)", _table(table, _to_floor, [goals])]
    if OURS in table[ENDPOINTS[0]]:
        parts += ["CPU by codeflow's: median", _table(table, lambda one: f"{one.to_ours:.2f}")]
    parts += [
        "Latency, ms: p50 / p95 / p99",
        _table(table, lambda one: f"{one.p50:.1f} / {one.p95:.1f} / {one.p99:.1f}"),
        "Requests per second; CPU ms of the database per request; the driver's share of all CPU",
        _table(table, lambda one: f"{one.per_second:.0f}; {one.database_cpu:.2f}; {one.driver_share:.0%}"),
    ]
    return parts


def _table(table: Table, cell: Cell, more: list[list[str]] | None = None) -> str:
    peers = list(table[ENDPOINTS[0]])
    rows = [["", *ENDPOINTS], ["---"] * (len(ENDPOINTS) + 1)]
    rows += [[peer, *(cell(table[endpoint][peer]) for endpoint in ENDPOINTS)] for peer in peers]
    return _lines([*rows, *(more or [])])


def _counts(counts: Mapping[str, Mapping[str, tuple[float, float]]]) -> str:
    peers = list(counts)
    rows = [["", *ENDPOINTS], ["---"] * (len(ENDPOINTS) + 1)]
    rows += [[peer, *(_count(*counts[peer][endpoint]) for endpoint in ENDPOINTS)] for peer in peers]
    title = "SQL statements per request (explicit commits), warm, from PostgreSQL's log"
    return f"{title}\n\n{_lines(rows)}"


def _count(statements: float, commits: float) -> str:
    return f"{statements:g} ({commits:g})"


def _cpu(one: Figures) -> str:
    return f"{one.cpu:.2f} ({one.cpu_least:.2f})"


def _to_floor(one: Figures) -> str:
    if one.to_floor is None or one.to_floor_range is None:
        return ""
    return f"{one.to_floor:.2f} ({one.to_floor_range[0]:.2f}–{one.to_floor_range[1]:.2f})"


def _lines(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
