"""The trace lives in a database of its own."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from demo_site.trace.router import TraceRouter

router = TraceRouter()


class Stranger:
    class _meta:  # noqa: N801 (the name Django looks for)
        app_label = "demo_trace"


stranger: Any = Stranger


def test_models_of_the_trace_use_its_database() -> None:
    assert router.db_for_read(stranger) == router.db_for_write(stranger) == "trace"
    assert router.db_for_read(User) is None


@pytest.mark.parametrize(
    ("database", "app", "allowed"),
    [
        ("trace", "demo_trace", True),
        ("default", "demo_trace", False),
        ("trace", "auth", False),
        ("default", "auth", None),
    ],
)
def test_tables_are_made_where_they_belong(database: str, app: str, allowed: bool | None) -> None:
    assert router.allow_migrate(database, app) is allowed


def test_nothing_relates_across() -> None:
    assert router.allow_relation(stranger, User()) is False
    assert router.allow_relation(User(), User()) is None
