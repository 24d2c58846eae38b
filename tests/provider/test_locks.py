"""A row that somebody holds too long: the request ends with 503 and Retry-After, and nothing is lost."""

import threading

import pytest
from django.db import connection, connections, transaction

from codeflow.provider.models import RefreshToken
from tests.provider.exchange import tokens_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def impatient():
    """This connection waits a fifth of a second for a lock."""
    with connection.cursor() as cursor:
        statements = {
            "sqlite": "PRAGMA busy_timeout = 200",
            "postgresql": "SET lock_timeout = '200ms'",
            "mysql": "SET SESSION innodb_lock_wait_timeout = 1",
        }
        cursor.execute(statements[connection.vendor])
    yield
    connection.close()


class Holder(threading.Thread):
    """A transaction that has written to a refresh token and does not end."""

    def __init__(self) -> None:
        super().__init__()
        self.holds, self.release = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                RefreshToken.objects.update(revoked=None)
                self.holds.set()
                self.release.wait(30)
        finally:
            connections.close_all()


def test_refresh_that_waits_for_a_lock_too_long_is_told_to_come_again(signed_in, party, impatient):
    tokens = tokens_for(signed_in, party)
    holder = Holder()
    holder.start()
    try:
        assert holder.holds.wait(10)
        answer = party.refresh(tokens["refresh_token"])
    finally:
        holder.release.set()
        holder.join()
    assert answer.status_code == 503
    assert answer.json()["error"] == "temporarily_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert party.refresh(tokens["refresh_token"]).status_code == 200
