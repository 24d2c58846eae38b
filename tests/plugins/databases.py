"""Runs each database test once on SQLite and once on PostgreSQL, within one run of pytest; some on MariaDB too.

A test that needs the database becomes two: `test_x[sqlite]` and `test_x[postgresql]`; `--database=sqlite|postgresql|mariadb`
picks one, `@pytest.mark.sqlite` or `@pytest.mark.postgresql` on a test does so for that test alone, and `@pytest.mark.mariadb`
adds `test_x[mariadb]`, for what is a matter of locking or of text (`only=True` leaves the others out). Tests are grouped by engine and the alias `default` is pointed at each engine in turn, so code under test sees one ordinary default database.

A server (see servers.py) starts when the first test needs it. SQLite is a file with WAL and IMMEDIATE transactions, as sites run
it, so that tests may use threads. Other processes reach the same database through the environment that the fixture
`database_environment` returns.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from tests.plugins.servers import MariadbServer, PostgresqlServer

SQLITE, POSTGRESQL, MARIADB = "sqlite", "postgresql", "mariadb"
EVERYWHERE = (SQLITE, POSTGRESQL)
ENGINES = (*EVERYWHERE, MARIADB)

DATABASE_VARIABLE = "CODEFLOW_TEST_DATABASE"
"""Name of the environment variable with the JSON of DATABASES["default"], read by the settings under tests/projects."""

_DATABASE_FIXTURES = frozenset(
    {"db", "transactional_db", "django_db_setup", "live_server", "admin_user", "admin_client"}
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=(*ENGINES, "all"),
        default="all",
        help="the engine that database tests run on (default: all, one after the other)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if not _needs_database(metafunc):
        return
    if metafunc.cls is not None and hasattr(metafunc.cls, "databases"):
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: a django TestCase knows one engine; write a function")
    if "database_engine" not in metafunc.fixturenames:
        metafunc.fixturenames.append("database_engine")
    metafunc.parametrize("database_engine", _engines(metafunc.definition), indirect=True, scope="session")


def _engines(definition: pytest.Item) -> list[str]:
    """SQLite and PostgreSQL, or the one of them that is marked; and MariaDB where it is marked."""
    mariadb = definition.get_closest_marker(MARIADB)
    if mariadb and mariadb.kwargs.get("only"):
        return [MARIADB]
    marked = [engine for engine in EVERYWHERE if definition.get_closest_marker(engine)]
    return [*(marked or EVERYWHERE), *([MARIADB] if mariadb else [])]


def _needs_database(metafunc: pytest.Metafunc) -> bool:
    return (
        metafunc.definition.get_closest_marker("django_db") is not None
        or "database_engine" in metafunc.fixturenames
        or not _DATABASE_FIXTURES.isdisjoint(metafunc.fixturenames)
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the engine not asked for, then groups by engine; within a group the random order stays."""
    asked = config.getoption("--database")
    unwanted = [item for item in items if asked != "all" and engine_of(item) not in ("", asked)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
    items[:] = sorted(
        (item for item in items if item not in unwanted), key=lambda item: ("", *ENGINES).index(engine_of(item))
    )


def engine_of(item: pytest.Item) -> str:
    """The engine `item` runs on, "" where it needs none."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("database_engine", "") if callspec else ""


@pytest.fixture(scope="session")
def database_engine(
    request: pytest.FixtureRequest,
    postgresql_server: PostgresqlServer,
    mariadb_server: MariadbServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Points the alias `default` at one engine and says which."""
    engine = getattr(request, "param", None)
    if engine is None:
        pytest.fail("This test reaches the database without saying so: mark it with pytest.mark.django_db.")
    if engine == POSTGRESQL:
        database = postgresql_server.database()
    elif engine == MARIADB:
        database = mariadb_server.database()
    else:
        database = sqlite_database(tmp_path_factory.mktemp("sqlite") / "test.sqlite3")
    before = connections.settings["default"]
    _point_default_at(database)
    yield engine
    _point_default_at(before)


def _point_default_at(database: dict[str, Any]) -> None:
    connections["default"].close()
    del connections["default"]
    # `connections.settings` is settings.DATABASES with every default filled in; each thread makes its connection from it.
    connections.settings["default"] = connections.configure_settings({"default": dict(database)})["default"]
    settings.DATABASES["default"] = connections.settings["default"]


@pytest.fixture(autouse=True)
def _empty_memory_caches() -> Iterator[None]:
    """What a test leaves in this process's memory would outlive its rows, which are rolled back."""
    yield
    for cache in caches.all(initialized_only=True):
        if isinstance(cache, LocMemCache):
            cache.clear()


def sqlite_database(path: Path) -> dict[str, Any]:
    """A SQLite file as architecture.md asks for it: WAL, and transactions that take their lock when they begin."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        },
        "TEST": {"NAME": str(path)},
    }


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    database_engine: str,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Migrates an empty database of the engine in turn (in place of pytest-django's fixture of this name)."""
    with django_db_blocker.unblock():
        configuration = setup_databases(verbosity=0, interactive=False, aliases={"default": False})
    yield
    with django_db_blocker.unblock():
        for connection in connections.all(initialized_only=True):
            connection.close()
        teardown_databases(configuration, verbosity=0)


@pytest.fixture
def database_environment(database_engine: str, django_db_setup: None) -> dict[str, str]:
    """The environment in which another process, with settings of tests/projects, uses this test's database."""
    current = connections.settings["default"]
    database = {name: current[name] for name in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    return {**os.environ, DATABASE_VARIABLE: json.dumps(database)}


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    server = PostgresqlServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariadbServer]:
    server = MariadbServer()
    yield server
    server.stop()
