"""A transaction that the database ended for another one's sake is done again; nothing else is."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, transaction

from codeflow.transactions import ATTEMPTS, all_or_nothing, gave_way

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]


def deadlock() -> OperationalError:
    return OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction")


class Work:
    """Adds a person each time it runs, and fails the first `failures` times."""

    def __init__(self, error: Exception, failures: int) -> None:
        self.error, self.failures, self.runs = error, failures, 0

    def __call__(self) -> Any:
        self.runs += 1
        person = get_user_model().objects.create(username=f"person {self.runs}")
        if self.runs <= self.failures:
            raise self.error
        return person


def test_a_deadlock_is_tried_again_and_its_first_try_left_nothing():
    work = Work(deadlock(), failures=2)
    assert all_or_nothing(work, using="default") == get_user_model().objects.get()
    assert work.runs == 3


def test_deadlocks_without_end_are_an_error_in_the_end():
    work = Work(deadlock(), failures=99)
    with pytest.raises(OperationalError):
        all_or_nothing(work, using="default")
    assert work.runs == ATTEMPTS
    assert not get_user_model().objects.exists()


def test_a_database_that_is_away_is_not_asked_again():
    work = Work(OperationalError(2006, "Server has gone away"), failures=1)
    with pytest.raises(OperationalError):
        all_or_nothing(work, using="default")
    assert work.runs == 1


def test_inside_another_transaction_the_error_belongs_to_that_one():
    work = Work(deadlock(), failures=1)
    with pytest.raises(OperationalError), transaction.atomic():
        all_or_nothing(work, using="default")
    assert work.runs == 1


@pytest.mark.parametrize(("sqlstate", "again"), [("40P01", True), ("40001", True), ("57P01", False)])
def test_postgresql_tells_by_sqlstate(sqlstate, again):
    error = OperationalError("ended")
    error.__cause__ = type("Cause", (Exception,), {"sqlstate": sqlstate})()
    assert gave_way(error) is again


def test_an_error_without_a_word_is_none_of_these():
    assert not gave_way(OperationalError())
