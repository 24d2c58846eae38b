"""Fills codeflow's tables with SQL: live grants as years of sign-ins leave them, and expired rows to clear.

Rows go in by pieces, in the order of their time, into tables that have their indexes: what they take on disk is what a site
would see, not what a fresh copy would.
"""

from benchmarks.postgresql import Postgresql

PIECE = 50_000
CLIENTS = 20
GRANTS_PER_PERSON = 10
SCOPE = "openid profile email offline_access"
FAMILY = 1_000_000_000
"""Above the keys of any code of the run."""

_CLIENTS = """
INSERT INTO codeflow_provider_client SELECT (jsonb_populate_record(known, jsonb_build_object('id', 1000 + n, 'client_id', 'c' || n))).*
FROM codeflow_provider_client AS known, generate_series(1, {clients}) AS n WHERE known.client_id = 'benchmark'
"""
_PEOPLE = """
INSERT INTO auth_user (id, username, password, first_name, last_name, email, is_active, is_staff, is_superuser, date_joined)
SELECT 1000 + n, 'person' || n, '!', '', '', '', true, false, false, now() FROM generate_series({first}, {last}) AS n
"""
_SESSIONS = """
INSERT INTO codeflow_provider_providersession (id, user_id, sid, auth_time, acr, amr, created)
SELECT 1000 + n, {person}, left(encode(sha256(('s' || n)::bytea), 'base64'), 22), now(), '1', 'pwd', now()
FROM generate_series({first}, {last}) AS n
"""
_SESSION_CLIENTS = """
INSERT INTO codeflow_provider_providersession_clients (providersession_id, client_id)
SELECT 1000 + n, {client} FROM generate_series({first}, {last}) AS n
"""
_ACCESS_TOKENS = """
INSERT INTO codeflow_provider_accesstoken
    (token_checksum, token_family, application_id, user_id, session_id, scope, resource, claims, created, expires)
SELECT encode(substr(sha256((random()::text || n)::bytea), 1, 16), 'hex')::uuid, {family} + n, {client}, {person}, 1000 + n,
    '{scope}', '[]', '', {created}, {access_expires}
FROM generate_series({first}, {last}) AS n
"""
_REFRESH_TOKENS = """
INSERT INTO codeflow_provider_refreshtoken
    (token_checksum, token_family, application_id, user_id, session_id, scope, resource, claims, created, expires,
     family_expires, successor, auth_time, acr, amr)
SELECT encode(substr(sha256((random()::text || n)::bytea), 1, 16), 'hex')::uuid, {family} + n, {client}, {person}, 1000 + n,
    '{scope}', '[]', '', {created}, {refresh_expires}, {refresh_expires} + interval '150 days', '', {created}, '1', 'pwd'
FROM generate_series({first}, {last}) AS n
"""
_CODES = """
INSERT INTO codeflow_provider_authorizationcode
    (code_hash, application_id, user_id, session_id, redirect_uri, scope, resource, claims, nonce, code_challenge, created,
     expires, redeemed_at, acr, amr)
SELECT left(encode(sha256((random()::text || n)::bytea), 'base64'), 43), {client}, {person}, {known_session},
    'https://client.example/callback', '{scope}', '[]', '', left(md5(n::text), 22), left(repeat(md5(n::text), 2), 43), {created},
    {created} + interval '1 minute', {created}, '1', 'pwd'
FROM generate_series({first}, {last}) AS n
"""
_AUDIT_EVENTS = """
INSERT INTO codeflow_provider_auditevent (at, event, outcome, reason, client_id, user_pk, address, reference, count)
SELECT now(), 'token.issued', 'ok', '', 'c' || (1 + n % {clients}), ({person})::text, '192.0.2.7', '', 1
FROM generate_series({first}, {last}) AS n
"""
_INDEXES = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = '{table}'::regclass) ORDER BY relname
"""
_PERSON = "CASE WHEN n <= {own} THEN (SELECT min(id) FROM auth_user) ELSE 1001 + (n * 7919::bigint) % {people} END"
_EACH = {
    "clients": CLIENTS,
    "client": f"1001 + n % {CLIENTS}",
    "scope": SCOPE,
    "family": FAMILY,
    "created": "now()",
    "access_expires": "now() + interval '1 hour' + n * interval '3 milliseconds'",
    "refresh_expires": "now() + interval '30 days' + n * interval '3 milliseconds'",
}


def fill(postgres: Postgresql, database: str, grants: int, *, of_one_person: int) -> None:
    """`grants` live grants of many people, each with its session and an audit event; `of_one_person` belong to ada."""
    people = max(1, grants // GRANTS_PER_PERSON)
    person = _PERSON.format(own=of_one_person, people=people)
    postgres.run(database, _CLIENTS.format(**_EACH))
    _in_pieces(postgres, database, people, [_PEOPLE])
    rows = [_SESSIONS, _SESSION_CLIENTS, _ACCESS_TOKENS, _REFRESH_TOKENS, _AUDIT_EVENTS]
    _in_pieces(postgres, database, grants, rows, person=person)
    postgres.run(database, "VACUUM ANALYZE")


def fill_expired(postgres: Postgresql, database: str, rows: int) -> int:
    """A third each of spent codes, access tokens and refresh tokens that ended between an hour and two days ago."""
    of_each = rows // 3
    _in_pieces(
        postgres,
        database,
        of_each,
        [_CODES, _ACCESS_TOKENS, _REFRESH_TOKENS],
        person="1001 + n % (SELECT count(*) - 1 FROM auth_user)",
        known_session="1001 + n % (SELECT count(*) - 1 FROM codeflow_provider_providersession)",
        family=2 * FAMILY,
        created=f"now() - interval '2 days' + n * interval '{46 * 3600 / of_each} seconds'",
        access_expires=f"now() - interval '47 hours' + n * interval '{46 * 3600 / of_each} seconds'",
        refresh_expires=f"now() - interval '47 hours' + n * interval '{46 * 3600 / of_each} seconds'",
    )
    postgres.run(database, "VACUUM ANALYZE")
    return 3 * of_each


def bytes_of(postgres: Postgresql, database: str, table: str) -> dict[str, int]:
    """The table without its indexes ("rows"), and each index."""
    name = f"codeflow_provider_{table}"
    heap = postgres.run(database, f"SELECT pg_table_size('{name}')")[0][0]
    indexes = postgres.run(database, _INDEXES.format(table=name))
    return {"rows": int(heap), **{str(index).removeprefix(f"{name}_"): int(size) for index, size in indexes}}


def _in_pieces(postgres: Postgresql, database: str, rows: int, statements: list[str], **values: object) -> None:
    for first in range(1, rows + 1, PIECE):
        numbers = {"first": first, "last": min(rows, first + PIECE - 1)}
        postgres.run(database, *(statement.format(**{**_EACH, **values, **numbers}) for statement in statements))
