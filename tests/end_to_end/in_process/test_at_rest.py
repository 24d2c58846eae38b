"""Nothing secret rests in clear: after a whole run every text and binary column and every log line is searched."""

import logging
import re
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection

from codeflow.core import jose
from codeflow.provider import keys
from codeflow.provider.models import AccessToken
from tests.end_to_end.in_process.conftest import sign_in
from tests.provider.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log_records(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "credentials do not rest in clear text")
@pytest.mark.spec("RFC 9700", "4.9", "tokens cannot be read from the server's storage")
def test_no_secret_rests_anywhere(browser, site, log_records):
    sign_in(browser, site)
    AccessToken.objects.update(expires="2020-01-01T00:00:00Z")
    browser.open(f"{site.relying_party}/notes/")  # a refresh
    assert len(site.back_channel("/o/token/")) == 2
    browser.open(f"{site.relying_party}/notes/?again")
    secrets = secrets_of(browser, site)
    before = dict(everything_at_rest())
    browser.open(f"{site.relying_party}/auth/logout/")
    browser.submit(action="", everywhere="1")  # the tokens are given back, and the hint travels
    assert site.back_channel("/o/revoke/")
    assert {name.partition(" ")[0] for name in secrets} >= {
        "client_secret", "code", "code_verifier", "access_token", "refresh_token", "id_token", "password", "private"
    }  # fmt: skip
    assert any("codeflow_provider_accesstoken" in place for place in before)
    assert any("codeflow_relying_party_tokengrant" in place for place in before)
    assert_nowhere(secrets, before)
    assert_nowhere(secrets, dict(everything_at_rest()))
    assert_nowhere(secrets, dict(log_lines(log_records)))


@pytest.mark.spec("RFC 6819", "5.1.4.1.3", "credentials do not rest in clear text")
def test_no_secret_rests_while_a_sign_in_is_under_way(browser, site, log_records):
    browser.open(f"{site.relying_party}/notes/")
    browser.submit("codeflow-login", username="alice", password=PASSWORD)
    assert browser.has_form("codeflow-consent")
    before = dict(everything_at_rest())
    browser.submit("codeflow-consent", button=("allow", "yes"))
    secrets = {
        name: value
        for name, value in secrets_of(browser, site).items()
        if name.startswith(("code_verifier", "client_secret", "password"))
    }
    assert len(secrets) == 3
    assert_nowhere(secrets, before)


def test_state_and_verifier_of_the_relying_party_rest_in_no_session(browser, site):
    """Only in the sealed cookie of the attempt; the provider keeps the state for its consent page, then lets it go."""
    sign_in(browser, site)
    callback = next(answer.url for answer in browser.responses if "/auth/callback/" in answer.url)
    state = parse_qs(urlsplit(callback).query)["state"][0]
    assert_nowhere({"state": state}, dict(everything_at_rest()))


def test_dump_of_the_database_finds_what_it_searches_for(browser, site):
    """The search itself works: what may rest is found where it rests."""
    sign_in(browser, site)
    found = dict(everything_at_rest())
    assert any("alice" in value for value in found.values())
    nonce = jose.parse(jose.strict_json_object(site.back_channel("/o/token/")[0].response_body)["id_token"])[1]["nonce"]
    places = {place.partition(" ")[0] for place, value in found.items() if nonce in value}
    assert places == {"codeflow_provider_authorizationcode.nonce"}
    assert any(place.startswith("session ") and "_auth_user_id" in value for place, value in found.items())


def test_dumpdata_shows_no_secret(browser, site, capsys):
    sign_in(browser, site)
    call_command("dumpdata")
    assert_nowhere(secrets_of(browser, site), {"dumpdata": capsys.readouterr().out})


def secrets_of(browser, site) -> dict[str, str]:
    """Everything that only its holder may know, gathered from both channels of this run."""
    found = {"client_secret": site.client_secret, "password": PASSWORD}
    for answer in browser.responses:
        for name, values in parse_qs(urlsplit(answer.url).query).items():
            if name == "code":
                found[f"code {len(found)}"] = values[0]
    for exchange in site.exchanges:
        for name, values in parse_qs(exchange.request_body.decode("utf-8", "replace")).items():
            if name in ("code_verifier", "refresh_token", "client_secret"):
                found[f"{name} {len(found)}"] = values[0]
        if exchange.url.endswith("/o/token/"):
            members = jose.strict_json_object(exchange.response_body)
            for name in ("access_token", "refresh_token", "id_token"):
                if name in members:
                    found[f"{name} {len(found)}"] = members[name]
    private = keys.signing_key("RS256").private_key.private_numbers()
    found["private key"] = str(private.d)
    found["PEM"] = "PRIVATE KEY"
    return found


def everything_at_rest() -> Iterator[tuple[str, str]]:
    """Place and text of each text and binary value of each table, and each session decoded."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT * FROM {name}")  # noqa: S608  a table's own name
            columns = [column[0] for column in cursor.description]
            for number, row in enumerate(cursor.fetchall()):
                for column, value in zip(columns, row, strict=True):
                    yield f"{table}.{column} {number}", as_text(value)
    for session in Session.objects.all():
        yield f"session {session.pk}", repr(session.get_decoded())


def as_text(value: object) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("latin-1")
    return str(value)


def log_lines(caplog) -> Iterator[tuple[str, str]]:
    """Every record but those of the test's own browser, whose addresses are the front channel."""
    browser = threading.main_thread().ident
    for number, record in enumerate(caplog.records):
        if record.name.startswith("urllib3") and record.thread == browser:
            continue
        yield f"log {record.name} {number}", f"{record.getMessage()} {record.exc_text or ''} {record.args!r}"


def assert_nowhere(secrets: dict[str, str], places: dict[str, str]) -> None:
    patterns = {name: re.compile(re.escape(value)) for name, value in secrets.items()}
    found = [
        f"{name} in {place}"
        for place, text in places.items()
        for name, pattern in patterns.items()
        if pattern.search(text) or pattern.search(unquote(text))
    ]
    assert not found
