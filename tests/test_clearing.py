"""codeflow_clear_expired: alone, beside others, killed in the middle, and a little of it after responses."""

import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from codeflow import clearing
from codeflow.management.commands import codeflow_clear_expired
from codeflow.provider.models import AccessToken
from codeflow.sweeping import Sweep, clear
from tests.provider.factories import AccessTokenFactory, ClientFactory, UserFactory

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.django_db


def ago(**delta: float) -> Any:
    return timezone.now() - timedelta(**delta)


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("codeflow_clear_expired", *arguments, stdout=out)
    return out.getvalue()


def expired_tokens(number: int) -> None:
    """So many access tokens of one person that ended an hour ago."""
    user, client = UserFactory(), ClientFactory()
    AccessToken.objects.bulk_create(
        AccessTokenFactory.build(user=user, application=client, token_family=family, expires=ago(hours=1))
        for family in range(number)
    )


@pytest.mark.mariadb
def test_dry_run_counts_right_and_writes_nothing(count_statements):
    expired_tokens(3)
    AccessTokenFactory()
    with count_statements() as counted:
        told = command("--dry-run")
    assert "access tokens: 3 to clear" in told
    assert "codes: 0 to clear" in told
    assert AccessToken.objects.count() == 4
    assert all(sql.lstrip().upper().startswith("SELECT") for sql in counted.sql)


def test_progress_is_told(monkeypatch):
    monkeypatch.setattr(codeflow_clear_expired, "_TELL_EVERY", 0)
    expired_tokens(5)
    told = command("--batch", "2")
    assert "access tokens: 4 cleared so far" in told
    assert "access tokens: 5 cleared in" in told


@pytest.mark.mariadb
def test_run_that_is_out_of_time_says_so_and_the_next_one_goes_on():
    expired_tokens(5)
    assert "Stopped after 0 seconds" in command("--max-seconds", "0")
    assert AccessToken.objects.count() == 5
    assert "access tokens: 5 cleared" in command("--max-seconds", "60")


def test_no_piece_is_begun_after_the_time_is_up():
    expired_tokens(10)
    sweep = next(one for one in clearing.all_sweeps() if one.name == "access tokens")
    begun = time.monotonic()
    pieces = []
    for deleted in clear(sweep, batch=1, until=begun + 0.2):
        pieces.append(deleted)
        time.sleep(0.15)
    assert 1 <= len(pieces) < 4


def test_traffic_gets_its_turn_between_two_pieces(monkeypatch):
    expired_tokens(4)
    rests: list[float] = []
    monkeypatch.setattr("codeflow.sweeping.time.sleep", rests.append)
    command("--batch", "2")
    assert len(rests) == 2
    assert min(rests) > 0


@pytest.mark.parametrize("batch", ["0", "-1", "many"])
def test_batch_must_be_a_positive_number(batch):
    with pytest.raises((CommandError, SystemExit)):
        call_command("codeflow_clear_expired", "--batch", batch)


@pytest.mark.postgresql
def test_rows_that_another_host_works_on_are_passed_by():
    """Two pieces of one sweep never wait for each other."""
    expired_tokens(4)
    sweep = Sweep(name="x", rows=AccessToken.objects.filter(expires__lt=timezone.now()), by="expires")
    locked = sweep.rows.select_for_update(skip_locked=True).order_by("expires")
    with transaction.atomic():
        assert "SKIP LOCKED" in str(locked.query)
        assert sum(clear(sweep, batch=3)) == 4


class Clearers:
    """Processes that clear; what is left of them is killed by its own handle."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = {**environment, "DJANGO_SETTINGS_MODULE": "tests.projects.both.settings"}
        self.environment["PYTHONPATH"] = str(ROOT)
        self.running: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "django", "codeflow_clear_expired", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process


@pytest.fixture
def clearers(database_environment):
    made = Clearers(database_environment)
    yield made
    for process in made.running:
        process.kill()
        process.communicate()


def cleared(output: str, name: str = "access tokens") -> int:
    line = next(line for line in output.splitlines() if line.startswith(name) and " cleared in" in line)
    return int(line.removeprefix(f"{name}: ").split(" ")[0].replace(",", ""))


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_several_hosts_share_the_work_and_one_that_is_killed_is_not_missed(clearers):
    expired_tokens(6000)
    live = AccessTokenFactory()
    killed = clearers.start("--batch", "5")
    others = [clearers.start("--batch", "50") for _ in range(2)]
    deadline = time.monotonic() + 30
    while AccessToken.objects.count() > 5500 and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.kill()
    outputs = [process.communicate(timeout=60) for process in others]
    assert [process.returncode for process in others] == [0, 0], outputs
    command()  # what the killed one held while the others passed
    assert AccessToken.objects.get() == live
    assert sum(cleared(out) for out, _ in outputs) <= 6000


@pytest.fixture
def after_responses(settings, monkeypatch):
    settings.CODEFLOW_CLEAR_AFTER_RESPONSES = True
    monkeypatch.setattr(clearing, "_next_turn", 0.0)


def test_site_without_cron_clears_a_little_after_a_response(after_responses, client, settings):
    expired_tokens(3)
    client.get("/nowhere/")
    assert not AccessToken.objects.exists()
    expired_tokens(1)
    client.get("/nowhere/")
    assert AccessToken.objects.exists(), "the next turn comes later"


def test_nothing_is_cleared_after_responses_unless_the_site_says_so(after_responses, settings, client):
    settings.CODEFLOW_CLEAR_AFTER_RESPONSES = False
    expired_tokens(1)
    client.get("/nowhere/")
    assert AccessToken.objects.exists()


def test_no_response_suffers_where_clearing_cannot_be_done(after_responses, monkeypatch, caplog):
    def fail() -> int:
        raise DatabaseError("away")

    monkeypatch.setattr(clearing, "clear_a_little", fail)
    clearing.after_response()
    assert "expired rows were not cleared (DatabaseError)" in caplog.text


def test_one_process_at_a_time_clears_after_responses(after_responses, monkeypatch):
    expired_tokens(1)
    monkeypatch.setattr(clearing.cache, "add", lambda *args: False)
    clearing.after_response()
    assert AccessToken.objects.exists()
