"""Ready settings for the other side: they run, hold no secret, and are those that real exchanges are tested with."""

import ast
import json
import os
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from codeflow.provider.admin.client_snippets import SECRET_VARIABLE, provider_name, snippets
from codeflow.relying_party.entries import problems_of
from tests.provider.factories import REDIRECT_URI, SECRET, VERIFIER, ClientFactory, CodeFactory

pytestmark = pytest.mark.django_db

INTEROP = Path(__file__).parents[2] / "interop" / "projects"
PYTHON = {"codeflow", "allauth", "mozilla", "toolkit"}


def texts(client):
    return {snippet.name: snippet.text for snippet in snippets(client)}


def executed(text):
    scope = {}
    before = os.environ.get(SECRET_VARIABLE)
    os.environ[SECRET_VARIABLE] = SECRET
    try:
        exec(text, scope)  # noqa: S102  what a settings file does
    finally:
        os.environ.pop(SECRET_VARIABLE) if before is None else os.environ.update({SECRET_VARIABLE: before})
    return scope


def settings_of_the_exchange(name, **peer):
    """What the project's exchange with that library is run with, read from its settings file."""
    tree = ast.parse((INTEROP / name / "settings.py").read_text())
    wanted = [node for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
    ours = [node for node in wanted if node.targets[0].id.startswith(("OIDC_", "SOCIALACCOUNT_PROVIDERS"))]
    scope = {"PEER": peer}
    exec(compile(ast.Module(body=ours, type_ignores=[]), name, "exec"), scope)  # noqa: S102
    return scope


def test_every_text_names_the_issuer_and_the_key_and_no_secret():
    client = ClientFactory(client_id="shop", redirect_uris="https://rp.example/auth/callback/acme/")
    for name, text in texts(client).items():
        assert "shop" in text
        assert "https://testserver/o" in text
        assert SECRET not in text
        assert client.secrets.get().hint not in text
        if name in PYTHON:
            ast.parse(text)


def test_settings_for_the_relying_party_are_accepted_by_it():
    client = ClientFactory(redirect_uris="https://rp.example/auth/callback/acme/")
    [(name, entry)] = executed(texts(client)["codeflow"])["CODEFLOW_RELYING_PARTY"]["PROVIDERS"].items()
    assert name == "acme"
    assert entry["client_secret"] == SECRET
    assert list(problems_of(name, entry)) == []


def test_settings_for_allauth_are_those_of_the_tested_exchange():
    client = ClientFactory(token_endpoint_auth_method="client_secret_post", scope="openid profile email offline_access")
    peer = {
        "client_id": client.client_id,
        "client_secret": SECRET,
        "issuer": "https://testserver/o",
        "token_auth_method": "client_secret_post",
        "phone_client_id": "phone",
    }
    tested = settings_of_the_exchange("allauth", **peer)["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]
    ours = executed(texts(client)["allauth"])["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]
    web, phone = tested["APPS"]
    assert ours == {**tested, "APPS": [{**web, "provider_id": "provider"}]}
    public = ClientFactory(public=True, client_id="phone", scope=client.scope)
    [app] = executed(texts(public)["allauth"])["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert app == {**phone, "provider_id": "provider"}


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_settings_for_mozilla_are_those_of_the_tested_exchange(method):
    client = ClientFactory(
        token_endpoint_auth_method=method, scope="openid email", id_token_signed_response_alg="ES256"
    )
    peer = {
        "client_id": client.client_id,
        "client_secret": SECRET,
        "issuer": "https://testserver/o",
        "algorithm": "ES256",
        "basic_auth": method == "client_secret_basic",
    }
    tested, ours = settings_of_the_exchange("mozilla", **peer), executed(texts(client)["mozilla"])
    written = {name: value for name, value in ours.items() if name.startswith("OIDC_")}
    assert len(written) == 10
    assert written == {name: tested[name] for name in written}


def test_settings_for_an_api_name_the_introspection_endpoint():
    client = ClientFactory(client_id="api")
    found = executed(texts(client)["toolkit"])["OAUTH2_PROVIDER"]
    assert found["RESOURCE_SERVER_INTROSPECTION_URL"] == "https://testserver/o/introspect/"
    assert found["RESOURCE_SERVER_INTROSPECTION_CREDENTIALS"] == ("api", SECRET)
    notes = {snippet.name: snippet.note for snippet in snippets(client)}
    assert "superuser" in notes["toolkit"]
    client.may_introspect = True
    assert {snippet.name: snippet.note for snippet in snippets(client)}["toolkit"] == ""


def test_settings_for_oauth2_proxy_are_toml():
    found = tomllib.loads(texts(ClientFactory(client_id="proxy"))["oauth2-proxy"])
    assert found["oidc_issuer_url"] == "https://testserver/o"
    assert (found["client_id"], found["redirect_url"]) == ("proxy", REDIRECT_URI)
    assert found["code_challenge_method"] == "S256"
    assert "client_secret" not in found


def test_public_client_gets_the_texts_that_need_no_secret():
    assert texts(ClientFactory(public=True)).keys() == {"codeflow", "allauth", "curl"}
    assert "os.environ" not in "".join(texts(ClientFactory(public=True)).values())


def run_curl_text(text, directory):
    """The text run by a shell whose curl and openssl write down what they are given; gives back the address and the arguments."""
    tools = directory / "bin"
    tools.mkdir()
    (tools / "curl").write_text('#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done > "$OUT"\n')
    (tools / "curl").chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "OUT": str(directory / "out"),
        SECRET_VARIABLE: SECRET,
    }
    done = subprocess.run(
        ["sh", "-c", text], input="the-code\n", text=True, capture_output=True, env=environment, check=True
    )
    return done.stdout.strip(), (directory / "out").read_text().splitlines()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_shell_lines_are_a_request_that_this_server_takes(method, tmp_path, boss):
    public = {"public": True} if method == "none" else {"token_endpoint_auth_method": method}
    client = ClientFactory(**public)
    address, arguments = run_curl_text(texts(client)["curl"], tmp_path)
    boss.post(f"/admin/codeflow_provider/client/{client.pk}/test/", text=address)
    assert boss.page.context["explained"].level == "ok", boss.said()
    sent = dict(word.split("=", 1) for word in arguments if "=" in word)
    assert (sent["grant_type"], sent["code"], sent["redirect_uri"]) == ("authorization_code", "the-code", REDIRECT_URI)
    assert len(sent["code_verifier"]) >= 43
    assert (f"{client.client_id}:{SECRET}" in arguments) is (method == "client_secret_basic")
    assert (sent.get("client_secret") == SECRET) is (method == "client_secret_post")
    assert arguments[-1] == "https://testserver/o/token/"
    challenge = parse_qs(urlsplit(address).query)["code_challenge"][0]
    assert len(challenge) == 43
    CodeFactory(application=client, value="the-code", code_challenge=challenge)
    boss.post(f"/admin/codeflow_provider/client/{client.pk}/test/", text="&".join(f"{k}={v}" for k, v in sent.items()))
    rows = {row.name: row.words for row in boss.page.context["explained"].rows}
    assert rows["code_verifier"] == "It fits the challenge."
    assert VERIFIER not in boss.text()


def test_texts_are_there_before_the_issuer_is(settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": ""}
    for text in texts(ClientFactory()).values():
        assert "https://your.host/o" in text


def test_names_cannot_break_out_of_the_texts():
    client = ClientFactory(client_id="a\"b'c\\d", scope="openid")
    for name in PYTHON & texts(client).keys():
        ast.parse(texts(client)[name])
    assert executed(texts(client)["mozilla"])["OIDC_RP_CLIENT_ID"] == client.client_id
    assert json.dumps(client.client_id) in texts(client)["oauth2-proxy"]


def test_provider_is_called_what_the_callback_calls_it():
    assert provider_name(ClientFactory(redirect_uris="https://a.example/auth/callback/acme/")) == "acme"
    assert provider_name(ClientFactory(redirect_uris="https://a.example/cb")) == "provider"


def test_page_shows_every_text(boss):
    client = ClientFactory()
    boss.open(f"/admin/codeflow_provider/client/{client.pk}/integration/")
    for snippet in snippets(client):
        assert snippet.text.strip() in boss.text()
    boss.open(f"/admin/codeflow_provider/client/{ClientFactory(public=True).pk}/integration/")
    assert "It is a public client" in boss.said()
