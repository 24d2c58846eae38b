"""Authlib's client in a Django site of its own: discovery, login with all its checks, renewal, userinfo, logout."""

import time
from collections.abc import Iterator

import pytest

from tests.end_to_end.browser import Browser
from tests.interop.peers import REASON, Peer, Provider, allow, django_peer, started

pytest.importorskip("authlib.integrations.django_client", reason=REASON)
pytest.importorskip("joserfc", reason=REASON)

VARIANTS = {
    "client_secret_basic-EdDSA": {"token_endpoint_auth_method": "client_secret_basic", "algorithm": "EdDSA"},
    "client_secret_post-PS256": {"token_endpoint_auth_method": "client_secret_post", "algorithm": "PS256"},
}


@pytest.fixture(scope="module", params=VARIANTS)
def site(
    request: pytest.FixtureRequest, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    method, algorithm = VARIANTS[request.param].values()
    fields = {"token_endpoint_auth_method": method, "id_token_signed_response_alg": algorithm}
    folder = tmp_path_factory.mktemp("authlib")
    settings = {"token_endpoint_auth_method": method}
    yield from started(django_peer(provider, "authlib", folder, callback="/callback/", fields=fields, **settings))


def test_login_refresh_userinfo_and_logout(site: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    browser.open(f"{site.origin}/login/")
    allow(browser, person)
    claims = browser.page.json()["claims"]
    assert (claims["sub"], claims["iss"], claims["aud"]) == (person.sub, provider.issuer, site.registration.client_id)
    assert browser.open(f"{site.origin}/userinfo/").json()["userinfo"]["email"] == person.email

    time.sleep(1.1)  # the time of a refresh must be another number than the time of the login
    renewed = browser.open(f"{site.origin}/refresh/").json()
    assert renewed["rotated"]
    assert renewed["userinfo"]["email"] == person.email
    for name in ("iss", "sub", "aud", "auth_time"):  # OIDC Core 12.2
        assert renewed["claims"][name] == claims[name]

    assert browser.open(f"{site.origin}/login/?prompt=none").json()["claims"]["sub"] == person.sub
    assert browser.open(f"{site.origin}/logout/").json() == {"signed_out": True}
    assert not provider.session_lives(browser, site.registration)
    assert browser.open(f"{site.origin}/login/?prompt=none").json() == {"error": "login_required"}


def test_refused_consent_reaches_the_site(site: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    browser.open(f"{site.origin}/login/")
    browser.submit("codeflow-login", username=person.username, password=person.password)
    browser.submit("codeflow-consent", button=("allow", "no"))
    assert browser.page.json() == {"error": "access_denied"}
