"""codeflow_doctor about the providers that a site signs people in with."""

import re
from email.utils import formatdate
from time import time

import pytest
from django.db import OperationalError

from codeflow.relying_party.models import UsedLogoutToken
from codeflow.testing import Reply
from codeflow.testing.back_channel import metadata
from codeflow.testing.ways import LEFT_OUT


def test_good_provider(doctor, op):
    told = doctor("acme")
    assert (told.exit_code, told.document["ok"], told.document["warnings"]) == (0, True, 0)
    assert {item["check"] for item in told.document["findings"]} >= {
        "discovery",
        "issuer",
        "tls",
        "clock",
        "authentication",
        "pkce",
        "algorithms",
        "keys",
        "logout",
        "register",
    }
    assert "redirect_uri: https://shop.example/auth/callback/acme/" in told.what("register")
    assert "client_secret_basic will be used" in told.what("authentication")
    assert "fake-key-1 (RS256)" in told.what("keys")
    assert {item["role"] for item in told.document["findings"]} == {"relying_party"}


def test_nothing_is_written_and_nobody_is_asked_twice(doctor, op, django_assert_num_queries):
    with django_assert_num_queries(0):
        doctor("acme")
    assert [request.path for request in op.requests] == ["/.well-known/openid-configuration", "/jwks"]


@pytest.mark.parametrize(
    ("misbehaviour", "check", "what", "fix"),
    [
        ("metadata_issuer_wrong", "discovery", "metadata.issuer", '"issuer": "https://evil.example"'),
        ("metadata_not_found", "discovery", "HTTP 404", "without /.well-known/"),
        ("metadata_html", "discovery", "content type", "tell its operator"),
        ("metadata_down", "discovery", "no connection", "DNS, firewall and proxy"),
        ("metadata_server_error", "discovery", "HTTP 500", "Can this machine reach"),
        ("token_endpoint_http", "discovery", "token_endpoint", "tell its operator"),
        ("auth_method_unknown", "discovery", "auth_methods", "tell its operator"),
        ("pkce_plain_only", "discovery", "code_challenge_methods", "tell its operator"),
        ("keys_down", "keys", "no connection", "JWK Set"),
        ("keys_html", "keys", "content type", "JWK Set"),
        ("keys_too_many", "keys", "100 keys", "JWK Set"),
        ("keys_empty", "keys", "No usable", "2048"),
        ("algorithms_downgraded", "algorithms", "none HS256", "RS256"),
    ],
)
def test_problem(doctor, op, misbehaviour, check, what, fix):
    op.misbehave(misbehaviour)
    told = doctor("acme")
    assert told.exit_code == 1
    assert told.level(check) == ["problem"]
    assert what in told.what(check)
    assert fix in told.fix(check)


@pytest.mark.parametrize(
    ("seconds", "level", "what"),
    [
        (0, "ok", "agree"),
        (30, "warning", "(29|30) s behind"),
        (-300, "problem", "30[01] s ahead of"),
    ],
)
def test_clock(doctor, op, seconds, level, what):
    answer = Reply.json(metadata(op.state), Date=formatdate(time() + seconds, usegmt=True))
    op.ways.replies["metadata"] = lambda request: answer
    told = doctor("acme")
    assert told.level("clock") == [level]
    assert re.search(what, told.what("clock"))


def test_no_clock_to_compare_with(doctor, op):
    op.ways.replies["metadata"] = lambda request: Reply.json(metadata(op.state), Date="yesterday")
    assert doctor("acme").level("clock") == ["note"]


def test_certificate(doctor, op, monkeypatch):
    from codeflow.http import Unreachable
    from codeflow.testing.wire import WiredDoor

    def refuse(*args):
        raise Unreachable("TLS failed")

    monkeypatch.setattr(WiredDoor, "_ask", refuse)
    told = doctor("acme")
    assert "certificate must be valid" in told.fix("discovery")


def test_what_is_less_than_perfect(doctor, op, site):
    site.ACME["scope"] = "openid emial"
    op.misbehave("pkce_unstated")
    op.ways.metadata |= {
        "scopes_supported": ["openid", "email"],
        "end_session_endpoint": LEFT_OUT,
        "backchannel_logout_supported": False,
        "frontchannel_logout_supported": False,
    }
    told = doctor("acme")
    assert told.exit_code == 0
    assert told.level("pkce") == told.level("scope") == ["warning"]
    assert "emial" in told.what("scope")
    assert told.level("logout") == ["note", "note"]


def test_front_channel_alone(doctor, op):
    op.ways.metadata["backchannel_logout_supported"] = False
    assert "(front-channel)" in doctor("acme").what("logout")


def test_developers_machine(doctor, site):
    from codeflow.testing import fake_provider

    site.DEBUG = True
    site.ACME["issuer"] = "http://localhost:8001/o"
    site.CODEFLOW_RELYING_PARTY["PUBLIC_URL"] = ""
    with fake_provider("acme"):
        told = doctor("acme")
    assert told.level("tls") == ["warning"]
    assert told.level("public_url") == ["note"]
    assert "https://your.host/auth/callback/acme/" in told.what("register")


def test_addresses_that_the_site_does_not_have(doctor, op, site):
    site.ROOT_URLCONF = "tests.doctor.no_urls"
    assert doctor("acme").about("register") == []


def test_entry_that_cannot_be_used(doctor, site):
    del site.ACME["client_id"]
    told = doctor("acme")
    assert (told.exit_code, told.level("settings")) == (1, ["problem"])
    assert "client_id is missing" in told.what("settings")


def test_settings_of_a_secretless_method(doctor, op, site):
    site.ACME.update(token_endpoint_auth_method="client_secret_post", client_secret="")
    told = doctor("acme")
    assert told.fix("discovery") == "Correct the entry in PROVIDERS."


def test_unknown_provider(doctor):
    told = doctor("acmee")
    assert told.exit_code == 1
    assert "did you mean acme?" in told.fix("settings")


def test_settings_are_told_where_nobody_is_named(doctor, op, site):
    assert "find nothing" in doctor().what("settings")
    site.CODEFLOW_RELYING_PARTY["CACHE"] = "nowhere"
    assert doctor().level("codeflow_relying_party.E010") == ["problem"]


def test_expired_rows_that_pile_up_are_told(doctor, op, monkeypatch):
    monkeypatch.setattr("codeflow.sweeping.PILE", 2)
    UsedLogoutToken.objects.bulk_create(UsedLogoutToken(jti=str(number), expires_at=1) for number in range(3))
    assert "More than 2 used logout tokens" in doctor().what("clearing")


def test_database_that_is_away_is_told(doctor, op, monkeypatch):
    def fail():
        raise OperationalError("away")

    monkeypatch.setattr("codeflow.relying_party.clearing.sweeps", fail)
    assert any(finding["role"] == "relying_party" for finding in doctor().about("database"))
