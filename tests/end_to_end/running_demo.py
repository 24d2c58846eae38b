"""The demo as a user starts it: a process, its pipe, its folder."""

import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.browser import Browser

ROOT = Path(__file__).resolve().parents[2]
READY = "codeflow demo is ready"


def free_ports(count: int = 2) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def clean_environment(data_dir: Path, **more: str) -> dict[str, str]:
    """What a shell would have: none of the test run's own Django variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CODEFLOW_", "DJANGO_"))}
    return {**kept, "CODEFLOW_DEMO_DATA": str(data_dir), "PYTHONWARNINGS": "default", **more}


def hear_ctrl_c() -> None:
    """As in a terminal: a run in a shell's background has the signal switched off, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class RunningDemo:
    """One demo; `output` is what it has printed, both streams together."""

    def __init__(self, data_dir: Path, *flags: str, ports: list[int] | None = None, **environment: str) -> None:
        self.data_dir = data_dir
        self.provider_port, self.client_port = ports or free_ports()
        self.provider = f"http://localhost:{self.provider_port}"
        self.client = f"http://127.0.0.1:{self.client_port}"
        self.issuer = f"{self.provider}/o"
        self.environment = clean_environment(data_dir, **environment)
        where = ["--provider-port", str(self.provider_port), "--client-port", str(self.client_port)]
        command = [sys.executable, "manage.py", "demo", *where, "--no-browser", *flags]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=hear_ctrl_c,
        )
        self.lines: list[str] = []
        self.ready_after = 0.0
        self._is_ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_until_ready(self, seconds: float = 60) -> "RunningDemo":
        assert self._is_ready.wait(seconds), f"not ready in {seconds} s:\n{self.output}"
        assert self.ready_after, f"ended:\n{self.output}"
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(15)
        self._reader.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another manage.py command while the demo runs, as a second terminal would."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    def manage_json(self, *arguments: str) -> Any:
        done = self.manage(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def new_person(self) -> str:
        """Somebody who has never been asked for consent; the password is the name."""
        name = f"person-{secrets.token_hex(4)}"
        code = f"from django.contrib.auth.models import User; User.objects.create_user({name!r}, password={name!r})"
        done = self.manage("shell", "-c", code)
        assert done.returncode == 0, done.stderr
        return name

    def database(self, name: str) -> "closing[sqlite3.Connection]":
        return closing(sqlite3.connect(self.data_dir / name, timeout=10))

    def answers(self, url: str) -> bool:
        host, _, port = url.removeprefix("http://").partition(":")
        try:
            socket.create_connection((host, int(port)), timeout=2).close()
        except OSError:
            return False
        return True

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.strip() == READY:
                self.ready_after = time.monotonic() - self.started
                self._is_ready.set()
        self._is_ready.set()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """One demo for all tests that only use it."""
    running = RunningDemo(tmp_path_factory.mktemp("demo") / "data")
    try:
        yield running.wait_until_ready()
    finally:
        running.stop()


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()
