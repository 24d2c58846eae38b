"""Starts a peer under gunicorn on a loopback port, and reads what a tree of processes has spent from /proc."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.peers import Peer

ROOT = Path(__file__).parents[1]
_PATIENCE = 60
"""Seconds for a server to answer."""


class Server:
    """One peer with its own database: filled, serving, and stopped by `stop`."""

    def __init__(
        self, peer: Peer, database: dict[str, Any], *, secret: str, key: str, workers: int, folder: Path
    ) -> None:
        self.peer = peer
        self._environment = {
            **os.environ,
            **peer.environment,
            "DJANGO_SETTINGS_MODULE": peer.settings,
            "BENCHMARK_DATABASE": json.dumps(database),
            "BENCHMARK_SECRET": secret,
            "BENCHMARK_KEY": key,
            "PYTHONPATH": str(ROOT),
        }
        self.database_name = str(database["NAME"])
        self.session_key = self._fill()
        self._log = folder / f"{len(list(folder.iterdir()))}.log"
        self.process, self.address = self._serve(workers)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except psutil.TimeoutExpired:
            for process in [*self.process.children(recursive=True), self.process]:
                process.kill()

    def complaints(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-3000:]

    def _fill(self) -> str:
        filled = subprocess.run(
            [sys.executable, "-m", "benchmarks.peers.fill"],
            env=self._environment,
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        if filled.returncode:
            raise RuntimeError(f"{self.peer.name} could not be set up:\n{filled.stderr}")
        return filled.stdout.strip()

    def _serve(self, workers: int) -> tuple[psutil.Popen, tuple[str, int]]:
        with socket.socket() as listening, self._log.open("wb") as log:
            listening.bind(("127.0.0.1", 0))
            listening.listen(128)
            address = listening.getsockname()
            command = [sys.executable, "-m", "gunicorn", "benchmarks.peers.wsgi", "-w", str(workers), "-k", "sync"]
            process = psutil.Popen(
                [*command, "--bind", f"fd://{listening.fileno()}", "--no-control-socket"],
                env=self._environment,
                cwd=ROOT,
                pass_fds=[listening.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        _wait_for_workers(process, workers, self._log)
        return process, address


def cpu_seconds(process: psutil.Process) -> dict[int, float]:
    """Process id → what it has spent so far, for `process` and all below it (/proc/PID/task/TID/schedstat: nanoseconds)."""
    return {one.pid: _spent(one.pid) for one in [process, *process.children(recursive=True)]}


def spent_between(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds; a process that ended meanwhile (PostgreSQL's autovacuum) counts for nothing."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def _spent(pid: int) -> float:
    try:
        return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
    except FileNotFoundError:  # it ended meanwhile
        return 0.0


def _wait_for_workers(process: psutil.Popen, workers: int, log: Path) -> None:
    """Until every worker has loaded the application: its boot is no part of what is measured."""
    deadline = time.monotonic() + _PATIENCE
    while log.read_text(errors="replace").count("Booting worker") < workers:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"gunicorn did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.1)
