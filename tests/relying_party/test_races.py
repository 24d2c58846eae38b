"""Many processes and one expired token: one refresh reaches the provider, no call fails, and nobody's death blocks the rest.

RFC 9700 4.14.2: the provider rotates, and takes a refresh token that comes twice for stolen.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codeflow.relying_party.models import RPSession, TokenGrant
from tests.relying_party.misbehaving_provider import Reply, Seen
from tests.relying_party.test_grants import age

ROOT = Path(__file__).parents[2]
PROCESSES, THREADS = 4, 20

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]


class Callers:
    """Processes of their own; whatever is left of them at the end is killed, each by its own handle."""

    def __init__(self, environment: dict[str, str], provider: dict[str, Any], user_id: int) -> None:
        self._environment = {**environment, "DJANGO_SETTINGS_MODULE": "tests.projects.relying_party_only.settings"}
        self._environment["PYTHONPATH"] = str(ROOT)
        self._order = {"provider": provider, "user_id": user_id}
        self.running: list[subprocess.Popen[str]] = []

    def ready(self, *, threads: int, lease: float = 20) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.relying_party.calling_process"],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        assert process.stdin is not None
        process.stdin.write(json.dumps({**self._order, "threads": threads, "lease": lease}) + "\n")
        process.stdin.flush()
        return process


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def results(process: "subprocess.Popen[str]") -> list[str]:
    out, _ = process.communicate(timeout=60)
    found: list[str] = json.loads(out)
    return found


@pytest.fixture
def callers(browser: Any, site: Any, database_environment: dict[str, str]) -> Iterator[Callers]:
    browser.sign_in()
    age(TokenGrant.objects.get())
    made = Callers(database_environment, site.ACME, RPSession.objects.get().identity.user_id)
    yield made
    for process in made.running:
        process.kill()
        process.communicate()


def refreshes(op: Any) -> list[Seen]:
    return [seen for seen in op.requests_to("/op/token") if seen.form["grant_type"] == "refresh_token"]


@pytest.mark.spec("RFC 9700", "4.14.2", "RP-83: 80 callers in four processes cause one refresh, and none fails")
def test_eighty_callers_in_four_processes_cause_one_refresh(callers, op):
    answer = op.token

    def slowly(seen: Seen) -> Reply:
        time.sleep(0.5)  # long enough for all of them to meet
        return answer(seen)

    op.token = slowly
    processes = [callers.ready(threads=THREADS) for _ in range(PROCESSES)]
    for process in processes:
        wait_until_ready(process)
    for process in processes:
        go(process)
    outcomes = [outcome for process in processes for outcome in results(process)]
    assert outcomes == ["200"] * PROCESSES * THREADS
    assert len(refreshes(op)) == 1
    grant = TokenGrant.objects.get()
    assert (grant.version, grant.lease, grant.dead_reason) == (1, "", "")


@pytest.mark.parametrize("rotated", [False, True], ids=["before the rotation", "after the rotation"])
@pytest.mark.spec("RFC 6749", "6", "RP-85: a process that is killed while it refreshes does not end the grant")
def test_killed_winner_is_replaced_when_its_lease_is_over(callers, op, rotated):
    """A provider that rotated already gives an honest retry the same successor again, as ours does for a minute."""
    answer, arrived, killed = op.token, threading.Event(), threading.Event()
    successors: dict[str, Reply] = {}

    def hanging_once(seen: Seen) -> Reply:
        token = seen.form["refresh_token"]
        if rotated and token not in successors:
            successors[token] = answer(seen)
        if not arrived.is_set():
            arrived.set()
            killed.wait(30)
            raise ConnectionError
        return successors.get(token) or answer(seen)

    op.token = hanging_once
    winner = callers.ready(threads=1, lease=3)
    wait_until_ready(winner)
    go(winner)
    assert arrived.wait(30)
    winner.kill()
    winner.wait(10)
    killed.set()
    assert TokenGrant.objects.get().lease
    heirs = callers.ready(threads=5, lease=3)
    wait_until_ready(heirs)
    go(heirs)
    assert results(heirs) == ["200"] * 5
    assert len(refreshes(op)) == 2
    grant = TokenGrant.objects.get()
    assert (grant.version, grant.lease, grant.dead_reason) == (1, "", "")
