"""The programs of a site on many machines, each on a port or socket of its own: pgbouncer, Redis, gunicorn."""

import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.plugins.servers import START_SECONDS, program

ROOT = Path(__file__).parents[2]

POOL = 4
"""Connections of pgbouncer to PostgreSQL: fewer than there are threads that ask."""


class Programs:
    """Whatever is started here is stopped at the end, each by its own handle."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._stack = ExitStack()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def stop_one(self, name: str) -> None:
        self._running[name].terminate()
        self._running[name].wait(30)

    def stop(self) -> None:
        self._stack.close()

    def start(self, name: str, command: Iterable[str], port: int, environment: Mapping[str, str] | None = None) -> int:
        """Starts it in a process group of its own, waits until it listens; its process id."""
        log = (self.directory / f"{name}.log").open("w")
        process = subprocess.Popen(
            [*command], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self._running[name] = process
        self._stack.callback(log.close)
        self._stack.callback(process.wait, 30)
        self._stack.callback(process.terminate)
        until = time.monotonic() + START_SECONDS
        while not listens(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{name} did not start:\n{(self.directory / f'{name}.log').read_text()}")
            time.sleep(0.05)
        return process.pid

    def redis(self) -> str:
        """Its address; nothing is written to disk."""
        port = free_port()
        self.start("redis", [needed("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""], port)
        return f"redis://127.0.0.1:{port}/0"

    def pgbouncer(self, socket_directory: str) -> int:
        """Its port, in front of the PostgreSQL with that socket; a connection is somebody's for one transaction."""
        port, configuration = free_port(), self.directory / "pgbouncer.ini"
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "pool_mode": "transaction",
            "default_pool_size": POOL,
            "max_client_conn": 200,
        }
        lines = [f"{name} = {value}" for name, value in settings.items()]
        configuration.write_text(
            "\n".join(["[databases]", f"* = host={socket_directory} user=postgres", "[pgbouncer]", *lines]) + "\n"
        )
        self.start("pgbouncer", [needed("pgbouncer"), *_as_owner_of(socket_directory), str(configuration)], port)
        return port

    def gunicorn(self, name: str, environment: Mapping[str, str]) -> tuple[int, int]:
        """One server of the site: its port and the process id of its master."""
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--threads", "4"]
        return port, self.start(name, [*command, "--bind", f"127.0.0.1:{port}"], port, environment)


def kill_group(pid: int) -> None:
    """SIGKILL for a server and its workers, as when its machine loses power."""
    os.killpg(pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def needed(name: str) -> str:
    found = program(name)
    if found is None:
        pytest.skip(f"there is no {name} here; on Debian: apt-get install {name}")
    return found


def _as_owner_of(directory: str) -> list[str]:
    """pgbouncer does not run as root, so there it becomes who owns PostgreSQL's socket."""
    return ["--user", pwd.getpwuid(Path(directory).stat().st_uid).pw_name] if os.geteuid() == 0 else []
