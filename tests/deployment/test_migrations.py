"""Every migration runs forward and back on every database, with the same tables afterwards."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]


@pytest.fixture
def _whole_again() -> Iterator[None]:
    """Whatever happens here, the other tests find all tables."""
    yield
    call_command("migrate", verbosity=0)


def columns(prefix: str) -> dict[str, set[str]]:
    """Each table that begins with `prefix` and what its columns are called."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name.startswith(prefix)]
        described = {name: connection.introspection.get_table_description(cursor, name) for name in names}
    return {name: {column.name for column in found} for name, found in described.items()}


@pytest.mark.usefixtures("_whole_again")
@pytest.mark.parametrize(
    ("app", "target"),
    [
        ("codeflow_provider", "0001"),  # not zero: django-oauth-toolkit's own tables would point nowhere
        ("codeflow_relying_party", "zero"),
    ],
)
def test_migrations_run_back_and_forward_again(app, target):
    before = columns(app)
    assert before
    call_command("migrate", app, target, verbosity=0)
    assert columns(app) != before
    call_command("migrate", app, verbosity=0)
    assert columns(app) == before
