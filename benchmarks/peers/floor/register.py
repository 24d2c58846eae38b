"""One table: a row is a code first and a pair of tokens after."""

from typing import Any

from django.db import connection


def register(user: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE floor_grant (code VARCHAR(64) UNIQUE, access VARCHAR(64) UNIQUE, refresh VARCHAR(64) UNIQUE, "
            "challenge VARCHAR(64), nonce VARCHAR(255), scope VARCHAR(255), user_id BIGINT)"
        )
