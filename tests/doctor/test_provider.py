"""codeflow_doctor about this site's own provider."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from codeflow.core.sealing import SealBroken
from codeflow.http import Answer, Unreachable
from codeflow.provider import keys
from codeflow.provider.clients import register_client
from codeflow.provider.models import Client, LogoutDelivery

REDIRECT_URI = "https://client.example/cb"


@pytest.fixture(autouse=True)
def published(monkeypatch):
    """What the site's public address answers."""
    answer = {"issuer": "https://testserver/o"}

    class PublicAddress:
        def __init__(self, **options):
            pass

        def get(self, url):
            if "error" in answer:
                raise Unreachable(answer["error"])
            body = json.dumps({"issuer": answer["issuer"]}).encode()
            return Answer(status_code=200, headers={"Content-Type": "application/json"}, body=body)

    monkeypatch.setattr("codeflow.provider.doctor.Door", PublicAddress)
    return answer


@pytest.fixture
def client_row():
    keys.signing_key("RS256")
    return register_client(name="Shop", redirect_uris=[REDIRECT_URI], client_id="shop")[0]


@pytest.fixture
def told(doctor, op):
    return lambda *arguments: doctor(*arguments)


def test_everything_in_order(told, client_row):
    all_told = told()
    assert all_told.exit_code == 0, all_told.document
    assert all_told.what("settings").count("find nothing") == 2
    assert "published as such" in all_told.what("issuer")
    assert "RS256:" in all_told.about("keys")[0]["what"]
    assert "signing" in all_told.about("keys")[0]["what"]
    assert "1 registered, 0 with problems" in all_told.what("clients")


def test_expired_rows_that_pile_up_are_told(told, client_row, monkeypatch):
    assert not told().about("clearing")
    monkeypatch.setattr("codeflow.sweeping.PILE", 2)
    LogoutDelivery.objects.bulk_create(LogoutDelivery(client=client_row, delivered_at=timezone.now()) for _ in range(3))
    LogoutDelivery.objects.update(created=timezone.now() - timedelta(days=8))
    assert "More than 2 logout deliveries" in told().what("clearing")
    assert told().exit_code == 0


def test_nothing_made_yet(told):
    fresh = told()
    assert fresh.about("keys")[0]["level"] == "note"
    assert fresh.level("clients") == ["note"]


def test_message_of_a_system_check(told, settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": ""}
    without = told()
    assert without.exit_code == 1
    assert without.level("codeflow_provider.E005") == ["problem"]
    assert "OIDC_ISS_ENDPOINT" in without.fix("codeflow_provider.E005")
    assert not [item for item in without.about("issuer") if item["role"] == "provider"]


def test_warning_of_a_system_check(told, settings):
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    assert told().level("codeflow_provider.W005") == ["warning"]


def test_public_address_that_leads_elsewhere(told, published):
    published["issuer"] = "https://elsewhere.example/o"
    assert "another issuer" in told().what("issuer")


def test_public_address_that_cannot_be_reached(told, published):
    published["error"] = "no connection"
    (mine,) = [item for item in told().about("issuer") if item["role"] == "provider"]
    assert mine["level"] == "warning"


def test_key_that_no_secret_opens(told, client_row, monkeypatch):
    def broken(alg):
        raise SealBroken

    monkeypatch.setattr(keys, "signing_key", broken)
    broken_told = told()
    assert "SECRET_KEY_FALLBACKS" in broken_told.fix("keys")
    assert broken_told.exit_code == 1


def test_external_keys(told, settings, tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    store = tmp_path / "keys.pem"
    store.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    store.chmod(0o600)
    settings.CODEFLOW_PROVIDER = {"KEY_STORE": f"file:{store}", "SIGNING_ALGORITHMS": ["RS256", "ES256"]}
    found = told().about("keys")
    assert [item["level"] for item in found if item["role"] == "provider"] == ["ok", "problem"]


def test_clients_with_problems(told, client_row):
    client_row.secrets.update(expires=timezone.now() - timedelta(days=1))
    Client.objects.filter(pk=client_row.pk).update(redirect_uris="http://evil.example/cb", scope="openid nonsense")
    bad = told()
    assert bad.exit_code == 1
    assert "rotate shop" in bad.about("secret", "shop")[0]["fix"]
    whats = [item["what"] for item in bad.about("client", "shop")]
    assert any(what.startswith("redirect_uris: http://evil.example/cb") for what in whats)
    assert any("nonsense" in what for what in whats)
    assert "1 with problems" in bad.what("clients")


def test_weak_choices(told, client_row):
    Client.objects.filter(pk=client_row.pk).update(
        pkce_required=False, is_active=False, redirect_uris="http://localhost:3000/cb"
    )
    client_row.secrets.update(expires=timezone.now() + timedelta(days=3))
    weak = told("--client", "shop")
    assert weak.exit_code == 0
    assert weak.level("pkce") == weak.level("secret") == ["warning"]
    assert weak.level("redirect_uri") == ["warning", "ok"]
    assert "switched off" in weak.what("client")


def test_public_client_on_a_developers_machine(told, settings):
    settings.DEBUG = True
    register_client(name="", redirect_uris=["http://127.0.0.1/cb"], client_id="app", public=True)
    app = told("--client", "app")
    assert app.level("client") == ["ok"]
    assert "unnamed: public" in app.what("client")
    assert app.level("secret") == []


def test_unknown_client(told, client_row):
    assert "Did you mean shop?" in told("--client", "shopp").fix("client")
    assert "codeflow_client list" in told("--client", "zzz").fix("client")


def test_client_that_could_not_be_told(told, client_row):
    LogoutDelivery.objects.create(client=client_row, sub="1", sid="s", attempts=5, due=None)
    assert told().about("logout", "shop")[0]["level"] == "warning"


def test_tables_that_are_not_there(told, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("no such table")

    monkeypatch.setattr("codeflow.provider.doctor.SigningKey.objects.order_by", fail)
    gone = told()
    assert gone.fix("database") == "manage.py migrate"
