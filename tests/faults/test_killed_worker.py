"""A server process is killed by SIGKILL at every stage of a token exchange: what the client may hold, and how it goes on.

RFC 6749 4.1.2, 6; RFC 9700 4.14.2. The rows are counted afterwards: never two successes, never a token without its record, and the
client goes on, with what it holds or with a new sign-in.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from codeflow.provider import keys
from codeflow.provider.models import AccessToken, AuditEvent, AuthorizationCode, RefreshToken
from tests.provider.conftest import _empty_process, _key_pool, _site
from tests.provider.exchange import OverHttp, Party
from tests.provider.factories import SECRET, ClientFactory, CodeFactory, RefreshTokenFactory

__all__ = ["_empty_process", "_key_pool", "_site"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mariadb]

ROOT = Path(__file__).parents[2]

CODE, REFRESH = "codeflow_provider_authorizationcode", "codeflow_provider_refreshtoken"
NOTHING_HAPPENED = {
    "before the update": "UPDATE {spent} before",
    "after the update": "UPDATE {spent} after",
    "between the tokens": "INSERT INTO codeflow_provider_accesstoken after",
    "before the record": "INSERT INTO codeflow_provider_auditevent before",
    "before the commit": "COMMIT before",
}
ANSWER_LOST = "COMMIT after"


class Workers:
    """Server processes that serve one request each, and die in it where they are told to."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker"],
            cwd=ROOT,
            env={**environment, "DJANGO_SETTINGS_MODULE": "tests.projects.both.settings", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def killed(self, place: str, ask: Callable[[OverHttp], Any]) -> None:
        """Asks a process that dies at `place`; the connection ends without an answer."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(place + "\n")
        self._program.stdin.flush()
        transport = OverHttp(f"http://127.0.0.1:{int(self._program.stdout.readline())}")
        with pytest.raises(requests.ConnectionError):
            ask(transport)
        transport.close()
        assert self._program.stdout.readline() == "ended\n"

    def stop(self) -> None:
        self._program.communicate()


@pytest.fixture
def workers(database_environment: dict[str, str]) -> Iterator[Workers]:
    keys.signing_key("RS256")
    made = Workers(database_environment)
    yield made
    made.stop()


def recorded(event: str) -> int:
    return AuditEvent.objects.filter(event=event, outcome="ok").count()


def live() -> tuple[int, int]:
    """Access tokens and refresh tokens that work."""
    return (
        AccessToken.objects.filter(revoked=None).count(),
        RefreshToken.objects.filter(revoked=None, used_at=None).count(),
    )


@pytest.mark.spec("RFC 6749", "4.1.2", "a worker killed before the commit has spent no code")
def test_killed_before_the_commit_a_redemption_can_be_sent_again(workers):
    party = Party(ClientFactory())
    for number, place in enumerate(NOTHING_HAPPENED.values(), 1):
        code = f"code {number}"
        CodeFactory(value=code, application=party.row)
        workers.killed(place.format(spent=CODE), lambda transport: Party(party.row, transport=transport).redeem(code))  # noqa: B023
        assert AuthorizationCode.objects.filter(redeemed_at=None).count() == 1, place
        assert AccessToken.objects.count() == RefreshToken.objects.count() == recorded("token.issued") == number - 1
        assert party.redeem(code).status_code == 200, place
        assert live() == (number, number)
        assert recorded("token.issued") == number


@pytest.mark.spec("RFC 6749", "4.1.2", "a code whose answer was lost is spent; sent again, it ends what came of it")
@pytest.mark.parametrize("public", [False, True], ids=["confidential", "public"])
def test_killed_after_the_commit_a_redemption_has_happened_once(workers, public):
    party = Party(ClientFactory(public=public), secret="" if public else SECRET)
    CodeFactory(value="the-code", application=party.row)
    workers.killed(ANSWER_LOST, lambda transport: Party(party.row, party.secret, transport).redeem("the-code"))
    assert live() == (1, 1)
    assert recorded("token.issued") == 1
    again = party.redeem("the-code")
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert live() == (0, 0)  # nobody holds them, and nobody can
    CodeFactory(value="another", application=party.row)
    assert party.redeem("another").status_code == 200  # the person signs in once more


@pytest.mark.spec("RFC 6749", "6", "a worker killed before the commit has rotated no refresh token")
def test_killed_before_the_commit_a_refresh_can_be_sent_again(workers):
    party = Party(ClientFactory())
    for number, place in enumerate(NOTHING_HAPPENED.values(), 1):
        token = f"token {number}"
        RefreshTokenFactory(value=token, application=party.row)
        workers.killed(
            place.format(spent=REFRESH),
            lambda transport: Party(party.row, transport=transport).refresh(token),  # noqa: B023
        )
        assert live() == (number - 1, number), place
        assert recorded("token.refreshed") == number - 1
        assert party.refresh(token).status_code == 200, place
        assert live() == (number, number)
        assert recorded("token.refreshed") == AccessToken.objects.count() == number


@pytest.mark.spec(
    "RFC 9700", "4.14.2", "a confidential client whose answer was lost gets the same successor; it is not a replay"
)
def test_killed_after_the_commit_a_refresh_is_answered_again(workers):
    party = Party(ClientFactory())
    RefreshTokenFactory(value="first", application=party.row)
    workers.killed(ANSWER_LOST, lambda transport: Party(party.row, transport=transport).refresh("first"))
    assert live() == (1, 1)
    answer = party.refresh("first")
    assert answer.status_code == 200
    assert live() == (1, 1)
    assert party.userinfo(answer.json()["access_token"]).status_code == 200
    assert party.refresh(answer.json()["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 9700", "4.14.2", "of a public client nobody can tell a retry from a theft: the grant ends")
def test_killed_after_the_commit_a_public_clients_refresh_ends_the_grant(workers):
    party = Party(ClientFactory(public=True), secret="")
    RefreshTokenFactory(value="first", application=party.row)
    workers.killed(ANSWER_LOST, lambda transport: Party(party.row, "", transport).refresh("first"))
    answer = party.refresh("first")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert live() == (0, 0)
