"""`manage.py codeflow_client`: what it prints, what it refuses, and what it leaves in the database."""

import io
import json
import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from codeflow.provider.clients import secret_matches
from codeflow.provider.models import AuditEvent, Client, ClientSecret

pytestmark = pytest.mark.django_db

URI = "https://shop.example/auth/callback/acme/"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("codeflow_client", *arguments, stdout=out)
    return out.getvalue()


def add(*arguments: str) -> dict[str, object]:
    made: dict[str, object] = json.loads(run("add", "--name", "Shop", "--redirect-uri", URI, "--json", *arguments))
    return made


def refusal(*arguments: str) -> str:
    """What the command says when it refuses; nothing may have been written."""
    with pytest.raises(CommandError) as refused:
        run("add", *arguments)
    assert refused.value.returncode == 1
    assert not Client.objects.exists()
    assert not ClientSecret.objects.exists()
    assert not AuditEvent.objects.exists()
    return str(refused.value)


def refusal_of(*arguments: str) -> str:
    return refusal("--name", "Shop", "--redirect-uri", URI, *arguments)


def test_add_prints_one_json_object_with_the_secret():
    made = add()
    client = Client.objects.get(client_id=made["client_id"])
    assert secret_matches(str(made["client_secret"]), client.secrets.get().hash)
    assert made["redirect_uris"] == [URI]
    assert made["name"] == "Shop"
    assert made["pkce"] == "required"
    assert made["token_endpoint_auth_method"] == "any"
    assert made["scope"] == "openid profile email address phone offline_access"


def test_add_prints_key_and_secret_for_people_too():
    printed = run("add", "--name", "Shop", "--redirect-uri", URI)
    client = Client.objects.get()
    assert "Shop is registered." in printed
    assert client.client_id in printed
    assert "cfs_" in printed
    assert "shown this once" in printed


def test_every_option_reaches_the_client():
    add(
        "--client-id", "shop", "--redirect-uri", "http://127.0.0.1:8001/cb", "--post-logout-redirect-uri", "https://shop.example/",
        "--pkce", "optional", "--auth-method", "client_secret_post", "--allowed-origin", "https://shop.example",
        "--scope", "openid notes.read", "--skip-consent",
    )  # fmt: skip
    client = Client.objects.get(client_id="shop")
    assert client.redirect_uris.split() == [URI, "http://127.0.0.1:8001/cb"]
    assert client.post_logout_redirect_uris == "https://shop.example/"
    assert client.allowed_origins == "https://shop.example"
    assert client.scope == "openid notes.read"
    assert client.token_endpoint_auth_method == "client_secret_post"
    assert not client.pkce_required
    assert client.skip_authorization


def test_further_settings_reach_the_client():
    add(
        "--client-id", "shop", "--id-token-alg", "ES256", "--userinfo-alg", "EdDSA", "--subject-type", "pairwise",
        "--sector-identifier", "shop.example", "--backchannel-logout-uri", "https://shop.example/out",
        "--frontchannel-logout-uri", "https://shop.example/frame", "--access-token-format", "jwt",
        "--access-token-lifetime", "300", "--refresh-tokens", "never", "--may-introspect",
    )  # fmt: skip
    client = Client.objects.get(client_id="shop")
    assert (client.id_token_signed_response_alg, client.userinfo_signed_response_alg) == ("ES256", "EdDSA")
    assert (client.subject_type, client.sector) == ("pairwise", "shop.example")
    assert client.backchannel_logout_uri == "https://shop.example/out"
    assert client.frontchannel_logout_uri == "https://shop.example/frame"
    assert (client.access_token_format, client.access_token_lifetime) == ("jwt", 300)
    assert client.refresh_token_policy == "never"
    assert client.may_introspect


def test_settings_that_are_left_out_stay_at_the_models_defaults():
    made = add("--client-id", "shop")
    fresh = Client()
    assert all(made[field] == getattr(fresh, field) for field in ("subject_type", "refresh_token_policy"))


def test_bad_logout_uri_is_refused_by_its_option():
    assert "--backchannel-logout-uri: http://shop.example/out" in refusal_of(
        "--backchannel-logout-uri", "http://shop.example/out"
    )


def test_default_scope_leaves_out_what_the_server_does_not_offer(settings):
    settings.OAUTH2_PROVIDER = {
        **settings.OAUTH2_PROVIDER,
        "SCOPES": {"openid": "Who", "email": "Mail", "notes": "Notes"},
    }
    assert add()["scope"] == "openid email"


def test_public_client_gets_no_secret():
    made = add("--public")
    assert "client_secret" not in made
    assert made["token_endpoint_auth_method"] == "none"
    assert not ClientSecret.objects.exists()
    assert "client_secret" not in run("add", "--name", "App", "--public", "--redirect-uri", "com.example.app:/cb")


def test_adding_is_an_audit_event():
    made = add()
    event = AuditEvent.objects.get()
    assert (event.event, event.client_id, event.reason) == ("client.registered", made["client_id"], "command")


def test_secret_is_in_no_log_line(caplog):
    with caplog.at_level(logging.DEBUG):
        made = add()
    assert made["client_secret"] not in caplog.text


@pytest.mark.spec("RFC 9700", "2.1.1", "a public client is never exempt from PKCE")
def test_public_client_without_pkce_is_refused():
    assert "Leave out --pkce optional" in refusal_of("--public", "--pkce", "optional")


def test_public_client_with_an_authentication_method_is_refused():
    assert "has no secret" in refusal_of("--public", "--auth-method", "client_secret_basic")


@pytest.mark.parametrize(
    ("uri", "value", "fix"),
    [
        ("http://shop.example/cb", "http://shop.example/cb", "Use https"),
        ("shop.example/cb", "shop.example/cb", "https://shop.example/cb"),
        ("https://*.shop.example/", "https://*.shop.example/", "Register each address in full"),
        ("https://a.example/ https://b.example/", "'https://a.example/ https://b.example/'", "Repeat the option"),
        ("com.example.app:/cb", "com.example.app:/cb", "register the client as public"),
    ],
)
def test_bad_redirect_uri_is_refused_with_its_value_and_the_fix(uri, value, fix):
    said = refusal("--name", "Shop", "--redirect-uri", uri)
    assert "--redirect-uri" in said
    assert value in said
    assert fix in said


def test_every_problem_is_said_at_once():
    said = refusal_of("--scope", "openid orders", "--post-logout-redirect-uri", "ftp://x", "--allowed-origin", "shop")
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "--post-logout-redirect-uri", "--allowed-origin", "--scope",
    ]  # fmt: skip
    assert "orders" in said


def test_empty_name_is_refused():
    assert "--name is empty" in refusal("--name", " ", "--redirect-uri", URI)


def test_client_id_with_a_space_at_its_end_is_refused():
    assert "'shop '" in refusal_of("--client-id", "shop ")


def test_client_id_that_is_taken_is_refused():
    add("--client-id", "shop")
    with pytest.raises(CommandError, match="--client-id shop is taken"):
        add("--client-id", "shop")
    assert Client.objects.count() == 1


def test_missing_options_are_named():
    with pytest.raises(CommandError, match="--redirect-uri"):
        run("add", "--name", "Shop")


def test_list_shows_every_client_and_no_secret():
    made = add()
    add("--client-id", "other")
    run("disable", "other")
    printed = run("list")
    assert {tuple(line.split()[:3]) for line in printed.splitlines()} == {
        (made["client_id"], "Confidential", "active"),
        ("other", "Confidential", "disabled"),
    }
    assert str(made["client_secret"]) not in printed
    listed = json.loads(run("list", "--json"))
    assert {entry["client_id"] for entry in listed} == {made["client_id"], "other"}
    assert listed[0]["secrets"][0]["expires"] is None
    assert str(made["client_secret"]) not in json.dumps(listed)


def test_empty_list_says_how_to_add_a_client():
    assert "codeflow_client add" in run("list")


def test_control_characters_of_a_name_do_not_reach_the_terminal():
    add("--client-id", "shop")
    Client.objects.update(name="Sh\x1b[2Jop")
    assert "\x1b" not in run("list")


def test_rotate_makes_a_new_secret_and_lets_the_old_one_end():
    made = add("--client-id", "shop")
    new = json.loads(run("rotate", "shop", "--overlap", "7d", "--json"))
    old_row, new_row = ClientSecret.objects.order_by("pk")
    assert secret_matches(str(made["client_secret"]), old_row.hash)
    assert secret_matches(new["client_secret"], new_row.hash)
    assert abs(old_row.expires - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert new_row.expires is None
    assert AuditEvent.objects.filter(event="secret.rotated", client_id="shop").count() == 1


def test_rotate_tells_people_how_long_the_old_one_works():
    add("--client-id", "shop")
    printed = run("rotate", "shop")
    assert "cfs_" in printed
    assert "works until" in printed


def test_rotate_without_overlap_ends_the_old_secret_now():
    add("--client-id", "shop")
    run("rotate", "shop", "--overlap", "0h")
    assert [secret.is_live() for secret in ClientSecret.objects.order_by("pk")] == [False, True]


def test_rotate_of_a_public_client_is_refused():
    add("--client-id", "app", "--public")
    with pytest.raises(CommandError, match="no secret to rotate"):
        run("rotate", "app")


@pytest.mark.parametrize("overlap", ["a day", "24", "-1h", "999999d"])
def test_overlap_that_is_no_length_of_time_is_refused(overlap):
    add("--client-id", "shop")
    with pytest.raises(CommandError, match="30m, 24h or 7d"):
        run("rotate", "shop", f"--overlap={overlap}")


def test_disable_and_enable_move_the_flag_and_are_recorded_once():
    add("--client-id", "shop")
    assert "disabled" in run("disable", "shop")
    assert not Client.objects.get().is_active
    run("disable", "shop")
    assert "enabled" in run("enable", "shop")
    assert Client.objects.get().is_active
    events = AuditEvent.objects.order_by("pk").values_list("event", flat=True)
    assert list(events) == ["client.registered", "client.disabled", "client.enabled"]


@pytest.mark.parametrize("action", ["rotate", "disable", "enable"])
def test_unknown_client_is_named_with_the_one_that_was_meant(action):
    add("--client-id", "shopfront")
    with pytest.raises(CommandError, match=r"no client 'shopfrnt'. Did you mean shopfront\?"):
        run(action, "shopfrnt")
    with pytest.raises(CommandError, match="codeflow_client list"):
        run(action, "qqqqq")


def test_settings_may_stand_behind_the_action():
    run("list", "--settings", "tests.projects.both.settings")
