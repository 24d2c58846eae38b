import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from tests.plugins.statements import CountStatements


@pytest.mark.django_db
def test_transaction_statements_are_not_counted(count_statements: CountStatements) -> None:
    with count_statements(at_most=2) as counted, transaction.atomic():
        get_user_model().objects.create(username="alice")
        assert get_user_model().objects.get().username == "alice"
    assert len(counted) == 2
    assert str(counted).startswith("1. INSERT")


@pytest.mark.django_db(transaction=True)
def test_commits_are_counted_apart(count_statements: CountStatements) -> None:
    with count_statements() as counted, transaction.atomic():
        get_user_model().objects.create(username="alice")
    assert (len(counted), counted.commits) == (1, 1)


@pytest.mark.django_db
def test_too_many_statements_fail_with_their_list(count_statements: CountStatements) -> None:
    def ask_twice() -> None:
        with count_statements(at_most=1):
            list(get_user_model().objects.all())
            list(get_user_model().objects.all())

    with pytest.raises(pytest.fail.Exception, match=r"2 SQL statements, at most 1 expected:\n1\. SELECT"):
        ask_twice()
