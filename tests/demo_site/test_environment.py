"""The demo's folder, secrets and addresses, before Django starts."""

import json
import stat
from pathlib import Path

import pytest

from demo_site import environment


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in (environment.PROVIDER_PORT, environment.CLIENT_PORT, environment.MORE_PROVIDERS):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(environment.DATA, str(tmp_path / "demo"))
    return tmp_path / "demo"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_and_secrets_are_for_their_owner_alone(folder: Path) -> None:
    made = environment.secret(environment.PROVIDER_KEY)
    assert mode_of(folder) == 0o700
    assert mode_of(folder / environment.PROVIDER_KEY) == 0o600
    assert environment.secret(environment.PROVIDER_KEY) == made
    assert len(made) >= 50


def test_two_secrets_differ() -> None:
    assert environment.secret(environment.PROVIDER_KEY) != environment.secret(environment.CLIENT_KEY)


def test_missing_secret_reads_as_nothing() -> None:
    assert environment.read_secret(environment.CLIENT_SECRET) == ""


def test_without_a_choice_the_folder_is_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(environment.DATA)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert environment.data_dir() == tmp_path / "codeflow-demo"


def test_addresses_follow_the_ports() -> None:
    there = environment.Addresses(provider_port=9000, client_port=9001)
    assert there.issuer == "http://localhost:9000/o"
    assert there.redirect_uri == "http://127.0.0.1:9001/auth/callback/demo/"
    assert there.post_logout_redirect_uri == "http://127.0.0.1:9001/auth/signed-out/"


def test_addresses_environment_beats_last_start_beats_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.addresses() == environment.Addresses(provider_port=8000, client_port=8001)
    environment.remember_addresses(environment.Addresses(provider_port=9000, client_port=9001))
    assert environment.addresses().provider_port == 9000
    monkeypatch.setenv(environment.PROVIDER_PORT, "9100")
    assert environment.addresses() == environment.Addresses(provider_port=9100, client_port=9001)


def test_flags_of_demo_are_known_before_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = str(tmp_path / "chosen")
    environment.adopt_arguments(["manage.py", "demo", "--data-dir", chosen, "--client-port=9001", "--no-browser"])
    assert environment.data_dir() == Path(chosen)
    assert environment.addresses() == environment.Addresses(provider_port=8000, client_port=9001)


def test_flags_of_other_commands_are_left_alone(folder: Path) -> None:
    environment.adopt_arguments(["manage.py", "migrate", "--data-dir", "/nowhere"])
    assert environment.data_dir() == folder


def test_reset_removes_what_the_demo_made_and_nothing_else(folder: Path) -> None:
    environment.secret(environment.PROVIDER_KEY)
    (folder / "provider.sqlite3").write_text("")
    (folder / "provider.sqlite3-wal").write_text("")
    (folder / "mine.txt").write_text("keep")
    environment.reset()
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_more_providers_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"issuer": "https://id.example", "client_id": "me", "client_secret": "s", "scope": "openid"}
    monkeypatch.setenv(environment.MORE_PROVIDERS, json.dumps({"other": entry}))
    assert environment.more_providers() == {"other": entry}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{nonsense", "is not JSON"),
        ("[]", "must be a JSON object, not list"),
        ('{"other": 1}', '"other" must be a JSON object'),
        ('{"other": {"issuer": "https://id.example"}}', '"other" lacks client_id'),
        ('{"demo": {"issuer": "https://id.example", "client_id": "x"}}', "choose another"),
    ],
)
def test_malformed_providers_give_a_readable_error(monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.setenv(environment.MORE_PROVIDERS, text)
    with pytest.raises(SystemExit) as refusal:
        environment.more_providers()
    assert said in str(refusal.value)
    assert environment.MORE_PROVIDERS in str(refusal.value)
