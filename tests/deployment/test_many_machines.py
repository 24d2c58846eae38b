"""Three servers, one PostgreSQL behind pgbouncer, one Redis; no request knows where the one before it went. One server dies."""

import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from codeflow.provider import keys
from codeflow.provider.models import AccessToken, AuditEvent, AuthorizationCode, RefreshToken
from tests.deployment.servers import Programs, kill_group
from tests.plugins.databases import DATABASE_VARIABLE
from tests.provider.exchange import Browser, Party, answer_in
from tests.provider.factories import ClientFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

ROUND_TRIPS, AT_ONCE, KILLED_AFTER = 200, 8, 60
ORIGIN = "http://testserver"


@dataclass
class Front:
    """What a proxy does: each request goes to the next server; one that takes no connection is passed by."""

    ports: list[int]
    origin: str = ORIGIN
    session: requests.Session = field(default_factory=requests.Session)
    turn: Iterator[int] = field(default_factory=itertools.count)

    def send(self, method: str, target: str, *, body: str | bytes = b"", headers: Mapping[str, str]) -> Any:
        for _ in self.ports:
            port = self.ports[next(self.turn) % len(self.ports)]
            url = f"http://127.0.0.1:{port}{target.removeprefix(ORIGIN)}"
            try:
                return self.session.request(
                    method, url, data=body or None, headers={"Host": "testserver", **headers}, allow_redirects=False
                )
            except requests.exceptions.ConnectionError as error:
                if "Connection refused" not in str(error):
                    raise  # it may have begun: nobody but the person may send it again
        raise AssertionError("no server takes connections")


@dataclass
class Site:
    programs: Programs
    environment: dict[str, str]

    def server(self, number: int) -> tuple[int, int]:
        """Port and process id of one more server."""
        return self.programs.gunicorn(f"server {number}", self.environment)


@pytest.fixture
def site(tmp_path: Path, database_environment: dict[str, str]) -> Iterator[Site]:
    """pgbouncer and Redis, and servers where a test asks for them."""
    keys.signing_key("RS256")
    programs = Programs(tmp_path)
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:3]:
        parent.chmod(0o755)  # pgbouncer reads its file as another user
    database = json.loads(database_environment[DATABASE_VARIABLE])
    try:
        database |= {"PORT": programs.pgbouncer(database["HOST"]), "HOST": "127.0.0.1"}
        environment = {
            **database_environment,
            DATABASE_VARIABLE: json.dumps(database),
            "CODEFLOW_TEST_REDIS": programs.redis(),
            "DJANGO_SETTINGS_MODULE": "tests.projects.many_machines",
        }
        yield Site(programs, environment)
    finally:
        programs.stop()


@dataclass
class Outcome:
    access_token: str
    refresh_token: str
    tries: int


def round_trip(front: Front, user: Any, party: Party) -> Outcome:
    """A person signs in, in a browser that knows nobody; where an answer was lost, they begin once more."""
    for tries in range(1, 4):
        try:
            browser = Browser(front)
            browser.authorize(party.request())
            if browser.has_form("codeflow-login"):
                browser.log_in(user)
            assert browser.page.status_code < 500, browser.page.text
            answer = party.redeem(answer_in(browser.location)["code"])
            assert answer.status_code == 200, answer.text
            tokens = answer.json()
            assert party.userinfo(tokens["access_token"]).status_code == 200
        except requests.exceptions.RequestException:
            continue
        return Outcome(tokens["access_token"], tokens["refresh_token"], tries)
    raise AssertionError("three answers were lost")


def test_two_hundred_sign_ins_while_a_server_is_killed(site):
    servers = [site.server(number) for number in range(3)]
    ports = [port for port, _ in servers]
    users = [UserFactory() for _ in range(AT_ONCE)]
    row = ClientFactory(skip_authorization=True)
    done, killed, lock = itertools.count(1), threading.Event(), threading.Lock()

    def one(number: int) -> Outcome:
        front = Front(ports, turn=itertools.count(number))
        outcome = round_trip(front, users[number % AT_ONCE], Party(row, transport=front))
        front.session.close()
        with lock:
            if next(done) == KILLED_AFTER:
                kill_group(servers[1][1])
                killed.set()
        return outcome

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(one, range(ROUND_TRIPS)))

    assert killed.is_set()
    assert len(outcomes) == ROUND_TRIPS
    assert len({outcome.access_token for outcome in outcomes}) == ROUND_TRIPS
    assert len({outcome.refresh_token for outcome in outcomes}) == ROUND_TRIPS
    again = sum(outcome.tries - 1 for outcome in outcomes)
    assert again <= AT_ONCE  # what was under way at the killed server, and no more
    issued = AccessToken.objects.count()
    assert ROUND_TRIPS <= issued <= ROUND_TRIPS + again
    assert issued == RefreshToken.objects.count() == AuditEvent.objects.filter(event="token.issued").count()
    assert set(Counter(AccessToken.objects.values_list("token_family", flat=True)).values()) == {1}
    assert AuthorizationCode.objects.exclude(redeemed_at=None).count() == issued


def test_without_redis_sign_ins_and_tokens_go_on(site):
    """Sessions are read from the database, failures are counted in the process."""
    front = Front([site.server(0)[0]])
    user, party = UserFactory(), Party(ClientFactory(skip_authorization=True), transport=front)
    assert round_trip(front, user, party).tries == 1
    site.programs.stop_one("redis")
    assert round_trip(front, user, party).tries == 1
    stranger = Party(party.row, "cfs_wrong", front)
    for _ in range(3):
        assert stranger.redeem("a code").status_code == 401
    front.session.close()
