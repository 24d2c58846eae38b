"""Random values made once for good."""

import pytest

from codeflow.core.sealing import SealBroken
from codeflow.provider import server_secrets
from codeflow.provider.models import ServerSecret

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget():
    server_secrets._remembered.clear()


def test_secret_is_made_once_and_rests_sealed():
    value = server_secrets.secret("x")
    assert len(value) == 32
    assert server_secrets.secret("x") == value
    row = ServerSecret.objects.get()
    assert value.hex() not in row.sealed
    assert str(row) == "x"


def test_each_purpose_has_its_own_and_cannot_pass_for_another():
    server_secrets.secret("x")
    assert server_secrets.secret("y") != server_secrets.secret("x")
    ServerSecret.objects.filter(purpose="y").update(sealed=ServerSecret.objects.get(purpose="x").sealed)
    with pytest.raises(SealBroken):
        server_secrets.secret("y")


def test_secret_survives_a_new_secret_key(settings):
    value = server_secrets.secret("x")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]
    assert server_secrets.secret("x") == value


def test_other_process_that_made_it_first_wins():
    value = server_secrets.secret("x")
    assert server_secrets._sealer().open(server_secrets._make("x").sealed, bound_to=b"x") == value


@pytest.mark.django_db(transaction=True)
def test_process_remembers_it_for_some_seconds(count_statements, clock):
    value = server_secrets.secret("x")
    with count_statements(at_most=0):
        assert server_secrets.secret("x") == value
    clock.advance(seconds=6)
    with count_statements() as counted:
        server_secrets.secret("x")
    assert len(counted) == 1
