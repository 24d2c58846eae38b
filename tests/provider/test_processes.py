"""What a process remembers of clients and keys, and what it never remembers: two real processes on one database.

This process makes the changes; "there" is another one, which answers over HTTP and has met client and key before.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from codeflow.core import jose
from codeflow.provider import clients, keys
from codeflow.provider.models import Client
from tests.provider.exchange import OverHttp, Party, code_for, tokens_for
from tests.provider.factories import ClientFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]
BOUND = 0.5
"""CACHE_SECONDS of the other process."""


@dataclass
class Elsewhere:
    """The same client, served by this process and by the other one."""

    here: Party
    there: Party

    def wait(self) -> None:
        """Until the other process may answer from its memory no longer."""
        time.sleep(BOUND)


@pytest.fixture
def elsewhere(party: Party, database_environment: dict[str, str]) -> Iterator[Elsewhere]:
    environment = {
        **database_environment,
        "DJANGO_SETTINGS_MODULE": "tests.projects.both.settings",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.provider.another_process", str(BOUND)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    transport = OverHttp(f"http://127.0.0.1:{int(process.stdout.readline())}")
    yield Elsewhere(party, replace(party, transport=transport))
    transport.close()
    process.communicate()


def test_client_and_key_that_change_are_seen_there_within_the_bound_and_here_at_once(signed_in, elsewhere):
    here, there = elsewhere.here, elsewhere.there
    tokens = tokens_for(signed_in, here)
    assert there.introspect(tokens["access_token"]).json()["active"] is True

    new_secret = clients.rotate_secret(here.row, overlap=timedelta(0))
    assert here.introspect(tokens["access_token"]).status_code == 401
    elsewhere.wait()
    assert there.introspect(tokens["access_token"]).status_code == 401
    here.secret = there.secret = new_secret
    assert there.introspect(tokens["access_token"]).status_code == 200

    old = kid_of(there.refresh(tokens_for(signed_in, here)["refresh_token"]))
    new = keys.rotate(here.row.signing_algorithm, at_once=True).kid
    tokens = tokens_for(signed_in, here)
    assert kid_of_token(tokens["id_token"]) == new != old
    elsewhere.wait()
    assert kid_of(there.refresh(tokens["refresh_token"])) == new
    keys.withdraw(old)
    for party in (here, there):
        published = party.transport.send("GET", "/o/jwks/", headers={}).json()["keys"]
        assert old not in {jwk["kid"] for jwk in published}

    resource_server = Party(ClientFactory(may_introspect=True), transport=there.transport)
    access_token = tokens_for(signed_in, here)["access_token"]
    assert there.introspect(access_token).json()["active"] is True
    assert resource_server.introspect(access_token).json()["active"] is True
    disabled = Client.objects.get(pk=here.row.pk)
    disabled.is_active = False
    disabled.save()
    assert here.introspect(access_token).status_code == 401
    assert resource_server.introspect(access_token).json() == {"active": False}
    elsewhere.wait()
    assert there.introspect(access_token).status_code == 401


@pytest.mark.parametrize("whom", ["user", "client"])
def test_deactivation_counts_at_once_in_every_process(signed_in, user, elsewhere, whom):
    """Told by nothing but the row: `update` sends no signal that could empty a memory."""
    here, there = elsewhere.here, elsewhere.there
    tokens, code = tokens_for(signed_in, here), code_for(signed_in, here)
    resource_server = Party(ClientFactory(may_introspect=True), transport=there.transport)
    assert there.userinfo(tokens["access_token"]).status_code == 200
    assert there.introspect(tokens["access_token"]).json()["active"] is True
    assert resource_server.introspect(tokens["access_token"]).json()["active"] is True

    if whom == "user":
        get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    else:
        Client.objects.filter(pk=here.row.pk).update(is_active=False)

    assert there.userinfo(tokens["access_token"]).status_code == 401
    assert resource_server.introspect(tokens["access_token"]).json() == {"active": False}
    assert resource_server.introspect(tokens["refresh_token"]).json() == {"active": False}
    for answer in (there.redeem(code), there.refresh(tokens["refresh_token"])):
        assert answer.json()["error"] in ("invalid_grant", "invalid_client")


def kid_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return kid_of_token(answer.json()["id_token"])


def kid_of_token(id_token: str) -> str:
    kid: str = jose.parse(id_token)[0]["kid"]
    return kid
