"""The database goes away under servers that keep their connections: 503 while it is away, and nobody notices that it came back.

RFC 6749 5.2; RFC 9110 15.6.4. Real server processes, with CONN_MAX_AGE and with or without CONN_HEALTH_CHECKS.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from codeflow.provider import keys
from codeflow.provider.models import AccessToken, AuthorizationCode
from tests.deployment.servers import Programs
from tests.plugins.databases import DATABASE_VARIABLE
from tests.plugins.servers import PostgresqlServer
from tests.provider.exchange import OverHttp, Party
from tests.provider.factories import ClientFactory, CodeFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path)
    yield made
    made.stop()


def server(programs: Programs, environment: dict[str, str], **options: Any) -> OverHttp:
    database = json.loads(environment[DATABASE_VARIABLE]) | {"CONN_MAX_AGE": 600, **options}
    environment = {
        **environment,
        DATABASE_VARIABLE: json.dumps(database),
        "DJANGO_SETTINGS_MODULE": "tests.projects.provider_only.settings",
    }
    port, _ = programs.gunicorn("server", environment)
    return OverHttp(f"http://127.0.0.1:{port}")


def lose_every_connection(socket_directory: str) -> None:
    connections.close_all()
    with psycopg.connect(host=socket_directory, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


def row_and_codes(many: int) -> Any:
    keys.signing_key("RS256")
    row = ClientFactory()
    for number in range(many):
        CodeFactory(value=f"code {number}", application=row)
    return row


@pytest.mark.spec(
    "RFC 9110", "15.6.4", "while the database is away: 503 with Retry-After, as JSON, and nothing half done"
)
def test_a_database_that_restarts_costs_no_code(programs, database_environment, postgresql_server: PostgresqlServer):
    row = row_and_codes(2)
    transport = server(programs, database_environment, CONN_HEALTH_CHECKS=True)
    party = Party(row, transport=transport)
    assert party.redeem("code 0").status_code == 200
    connections.close_all()
    with postgresql_server.away():
        for answer in (party.redeem("code 1"), party.introspect("a token"), party.userinfo("a-token")):
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["error"] == "temporarily_unavailable"
            assert answer.headers["Cache-Control"] == "no-store"
        page = transport.send("GET", "/o/authorize/?client_id=x", headers={})
        assert page.status_code == 503
        assert "text/html" in page.headers["Content-Type"]
        assert transport.send("GET", "/o/jwks/", headers={}).status_code in (200, 503)
    assert AuthorizationCode.objects.filter(redeemed_at=None).count() == 1
    answer = party.redeem("code 1")
    assert answer.status_code == 200, answer.text  # the very next one
    assert AccessToken.objects.count() == 2
    transport.close()


def test_lost_connections_are_nobodys_error_with_health_checks(programs, database_environment):
    party = Party(row_and_codes(6), transport=server(programs, database_environment, CONN_HEALTH_CHECKS=True))
    for number in range(6):
        answer = party.redeem(f"code {number}")
        assert answer.status_code == 200, answer.text
        lose_every_connection(json.loads(database_environment[DATABASE_VARIABLE])["HOST"])
    party.transport.close()


def test_lost_connections_are_a_503_without_health_checks_and_the_code_stays_good(programs, database_environment):
    party = Party(row_and_codes(6), transport=server(programs, database_environment, CONN_HEALTH_CHECKS=False))
    for number in range(6):
        answer = party.redeem(f"code {number}")
        assert answer.status_code in (200, 503), answer.text
        for _ in range(4):  # each of its threads may hold a lost connection, and loses it so
            if answer.status_code == 503:
                assert answer.json()["error"] == "temporarily_unavailable"
                answer = party.redeem(f"code {number}")
        assert answer.status_code == 200, answer.text
        lose_every_connection(json.loads(database_environment[DATABASE_VARIABLE])["HOST"])
    assert AccessToken.objects.count() == 6
    party.transport.close()
