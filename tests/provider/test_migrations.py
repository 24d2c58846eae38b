"""Migrations of filled tables: what was issued before still works after."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from codeflow.provider.grants import live_access_token
from codeflow.provider.models import AccessToken

pytestmark = pytest.mark.django_db(transaction=True)

LABEL = "codeflow_provider"
BEFORE = "0004_admin_pages"
"""The last one with wide tables."""


def migrate(name: str) -> Any:
    executor = MigrationExecutor(connection)
    return executor.migrate([(LABEL, name)]).apps


def newest() -> str:
    return str(MigrationExecutor(connection).loader.graph.leaf_nodes(LABEL)[0][1])


@pytest.fixture
def old_tables() -> Iterator[Any]:
    yield migrate(BEFORE)
    migrate(newest())


def columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def wide_checksum(token: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.mariadb
def test_tokens_issued_before_the_tables_were_narrowed_still_work(old_tables):
    user = old_tables.get_model("auth", "User").objects.create(username="alice")
    client = old_tables.get_model(LABEL, "Client").objects.create(client_id="app")
    issued = timezone.now() - timedelta(minutes=30)
    old = old_tables.get_model(LABEL, "AccessToken")
    for number, value in enumerate(("first", "second")):
        row = old.objects.create(
            pk=41 + number,
            token_checksum=wide_checksum(value),
            token_family=7,
            application_id=client.pk,
            user_id=user.pk,
            scope="openid",
            expires=issued + timedelta(hours=1),
        )
    old.objects.filter(pk=row.pk).update(created=issued)
    migrate(newest())
    found = live_access_token("second")
    assert found is not None
    assert (found.pk, found.token_family, found.created, found.scope) == (42, 7, issued, "openid")
    assert live_access_token("third") is None
    assert (
        AccessToken.objects.create(
            token_checksum="0" * 32, token_family=8, application_id=client.pk, user_id=user.pk, expires=issued
        ).pk
        > 42
    )


def test_way_back_leaves_tables_of_the_old_shape(old_tables):
    migrate(newest())
    back = migrate(BEFORE).get_model(LABEL, "RefreshToken")
    assert {"token_checksum", "session_id", "successor"} <= columns(back._meta.db_table)
    assert back._meta.get_field("token_checksum").max_length == 43
    assert not back.objects.exists()
