"""demo_site/settings/conformance.py and docs/conformance.md: the provider that they set up, asked by the suite."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from demo_site.conformance import configuration as variables
from demo_site.conformance.browser import suite_configuration
from demo_site.conformance.configuration import ROLES, Configuration, Misconfigured
from tests.conformance import modules
from tests.conformance.conditions import check_flow, check_scopes, check_userinfo
from tests.conformance.metadata import check_discovery, check_jwks
from tests.conformance.suite import Suite
from tests.conformance.user_agent import UserAgent
from tests.conformance.wire import LOOPBACK, PROVIDER_HOST, TlsProxy, new_session

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "conformance.md").read_text("utf-8")
ISSUER = f"https://{PROVIDER_HOST}/o"


@pytest.fixture
def environ(tmp_path):
    """Of a machine that knows nothing but the issuer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CODEFLOW_", "DJANGO_"))}
    return {**kept, variables.ISSUER: ISSUER, variables.BEHIND_PROXY: "1", "CODEFLOW_DEMO_DATA": str(tmp_path)}


def manage(environ, *arguments):
    command = [sys.executable, "manage.py", *arguments, "--settings", "demo_site.settings.conformance"]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120)


def printed_json(environ):
    finished = manage(environ, "conformance", "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def read(environ, kept_secret=lambda name: f"made-{name}"):
    return Configuration.from_environment(environ, kept_secret)


@pytest.mark.parametrize("issuer", [ISSUER, f"https://{PROVIDER_HOST}"])
def test_settings_pass_the_checks(environ, issuer):
    finished = manage({**environ, variables.ISSUER: issuer}, "check")
    assert "no issues" in finished.stdout, finished.stderr


@pytest.mark.parametrize("issuer", ["", "http://op.example/o", "https://op.example/", "https://op.example/o?a=b", "op"])
def test_issuer_that_cannot_be_one_stops_the_start(environ, issuer):
    with pytest.raises(Misconfigured, match=variables.ISSUER):
        read({**environ, variables.ISSUER: issuer})


def test_missing_issuer_is_said_in_one_line(environ):
    del environ[variables.ISSUER]
    finished = manage(environ, "check")
    assert finished.returncode == 1
    assert finished.stderr.startswith(variables.ISSUER)
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(
    ("name", "value"), [(variables.LOGOUT, "both"), (variables.BEHIND_PROXY, "yes"), (variables.PRIVATE_ADDRESSES, "")]
)
def test_value_that_means_nothing_stops_the_start(environ, name, value):
    with pytest.raises(Misconfigured, match=name):
        read({**environ, name: value})


def test_command_prints_what_it_made_and_keeps_it(environ):
    finished = manage(environ, "conformance")
    assert finished.returncode == 0, finished.stderr
    head, _, document = finished.stdout.partition("\n{")
    printed = json.loads("{" + document)
    secrets = [printed[role]["client_secret"] for role in ROLES]
    assert len({*secrets}) == len(ROLES)
    assert all(len(secret) >= 43 for secret in secrets)
    for role in ROLES:
        assert f"{printed[role]['client_id']} / {printed[role]['client_secret']}" in head
    assert ISSUER in head
    assert printed_json(environ) == printed


def test_given_ids_secrets_and_addresses_are_used(environ):
    prefix = variables.PREFIX
    given = {f"{prefix}{role.upper()}_{part}": f"{role}-{part}" for role in ROLES for part in ("ID", "SECRET")}
    addresses = "https://suite.example/one https://suite.example/two"
    found = read({**environ, **given, variables.REDIRECT_URIS: addresses, variables.ALIAS: "mine"})
    assert [(client.client_id, client.client_secret) for client in found.clients] == [
        (f"{role}-ID", f"{role}-SECRET") for role in ROLES
    ]
    assert found.redirect_uris == tuple(addresses.split())
    assert found.post_logout_redirect_uri == "https://www.certification.openid.net/test/a/mine/post_logout_redirect"


@pytest.mark.parametrize("logout", ["", "backchannel", "frontchannel"])
def test_clients_hear_of_a_logout_in_one_way(environ, logout):
    found = read({**environ, variables.LOGOUT: logout})
    heard = {"backchannel": found.backchannel_logout_uri, "frontchannel": found.frontchannel_logout_uri}
    assert {way for way, uri in heard.items() if uri} == ({logout} if logout else set())


def test_secrets_do_not_stand_in_the_configurations_repr(environ):
    assert "made-" not in repr(read(environ))


def test_guide_names_every_variable():
    names = [
        value for name, value in vars(variables).items() if name.isupper() and str(value).startswith(variables.PREFIX)
    ]
    names += [f"{variables.PREFIX}{role.upper()}_{part}" for role in ROLES for part in ("ID", "SECRET")]
    for name in names:
        assert name == variables.PREFIX or f"`{name}`" in GUIDE


def test_guide_shows_the_browsers_script_as_it_is_printed(environ):
    shown = json.loads(re.findall(r"```json\n(.*?)```", GUIDE, flags=re.DOTALL)[0])
    given = {**environ, variables.PASSWORD: "the password"}
    assert suite_configuration(read(given))["browser"] == shown


def test_guide_counts_the_modules_and_names_those_that_wait():
    for plan in {module.plan for module in modules.provider_modules()}:
        assert f"`{plan}`" in GUIDE
    for module in modules.waiting():
        assert module.plan in modules.WAITING_PLANS or f"`{module.name}`" in GUIDE
    rows = re.findall(
        r"^\| `(oidcc-[\w-]+-test-plan)` \|[^|]*\| (\d+)(?:, of which (\d+) wait)? \|", GUIDE, re.MULTILINE
    )
    assert len(rows) == 6
    for plan, count, wait in rows:
        found = [module for module in modules.provider_modules() if module.plan == plan]
        assert len(found) == int(count)
        assert len([module for module in found if module.waits]) == int(wait or 0)


def test_overrides_are_for_modules_that_exist(environ):
    names = {module.name for module in modules.provider_modules()}
    assert suite_configuration(read(environ))["override"].keys() <= names


@pytest.mark.sqlite
@pytest.mark.usefixtures("database_engine")  # it has a database of its own; this only chooses the run
def test_provider_that_the_guide_starts_passes_the_happy_flow(environ, authority, listener):
    environ = {**environ, variables.SUITE: listener.origin}
    printed = printed_json(environ)
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "manage.py", "runserver", f"{LOOPBACK}:{port}", "--noreload"]
    settings = ["--settings", "demo_site.settings.conformance"]
    server = subprocess.Popen(
        [*command, *settings], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(server, port)
        ask(authority, listener, read(with_printed(environ, printed)), port)
    finally:
        server.terminate()
        server.wait(timeout=20)


def with_printed(environ, printed):
    """The suite knows what was printed, no more."""
    known = {f"{variables.PREFIX}{role.upper()}_SECRET": printed[role]["client_secret"] for role in ROLES}
    tasks = printed["browser"][0]["tasks"][0]["commands"]
    return {**environ, **known, variables.PASSWORD: tasks[1][3]}


def wait_for(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not listen")


def ask(authority: Any, listener: Any, configuration: Configuration, port: int) -> None:
    """Both response modes, all scopes, all three clients."""
    plans = {module.plan: module for module in modules.to_run("test_oidcc_server")}
    proxy = TlsProxy(authority, f"http://{LOOPBACK}:{port}")
    try:
        for module in plans.values():
            for role in ROLES:
                with new_session(authority, proxy) as own, new_session(authority, proxy) as browser:
                    suite = Suite(
                        module=module,
                        configuration=configuration,
                        listener=listener,
                        session=own,
                        agent=UserAgent(browser),
                    )
                    check_discovery(suite)
                    check_jwks(suite)
                    tokens = check_flow(suite, role, scope="openid profile email address phone")
                    claims = check_userinfo(tokens, suite.userinfo(tokens.access_token))
                    check_scopes(claims, "profile", "email", "address", "phone")
    finally:
        proxy.stop()
