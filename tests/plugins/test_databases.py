"""Do database tests really run on the engine their name says, and do threads and other processes see it?"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from tests.plugins.databases import DATABASE_VARIABLE

ROOT = Path(__file__).parents[2]


@pytest.mark.django_db
def test_default_database_is_the_engine_of_the_test(database_engine):
    assert connection.vendor == database_engine


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_is_a_file_with_wal():
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.postgresql
@pytest.mark.django_db
def test_marked_test_runs_on_postgresql_alone():
    assert connection.vendor == "postgresql"


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_database():
    def add(number: int) -> None:
        try:
            with transaction.atomic():
                get_user_model().objects.create(username=f"user-{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(add, range(40)))
    assert get_user_model().objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_the_database(database_environment):
    get_user_model().objects.create(username="alice")
    code = (
        "import django; django.setup(); from django.contrib.auth.models import User; print(User.objects.get().username)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=database_environment, capture_output=True, text=True, check=True
    )
    assert DATABASE_VARIABLE in database_environment
    assert finished.stdout == "alice\n"
