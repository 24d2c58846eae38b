"""mozilla-django-oidc in a Django site of its own: login, silent renewal, userinfo, logout."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.browser import Browser
from tests.interop.peers import REASON, Peer, Provider, allow, django_peer, started

pytest.importorskip("mozilla_django_oidc", reason=REASON)

VARIANTS = {
    "client_secret_post-RS256": {"basic_auth": False, "algorithm": "RS256"},
    "client_secret_basic-ES256-signed-userinfo": {"basic_auth": True, "algorithm": "ES256"},
}


@pytest.fixture(scope="module", params=VARIANTS)
def site(
    request: pytest.FixtureRequest, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    settings = VARIANTS[request.param]
    method = "client_secret_basic" if settings["basic_auth"] else "client_secret_post"
    fields = {"token_endpoint_auth_method": method, "id_token_signed_response_alg": settings["algorithm"]}
    if "signed-userinfo" in request.param:
        fields["userinfo_signed_response_alg"] = settings["algorithm"]
    folder = tmp_path_factory.mktemp("mozilla")
    yield from started(django_peer(provider, "mozilla", folder, callback="/oidc/callback/", fields=fields, **settings))


def test_login_renewal_and_logout(site: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    browser.open(f"{site.origin}/oidc/authenticate/")
    allow(browser, person)
    assert browser.page.url == f"{site.origin}/"
    assert person.email in browser.page.text

    before = browser.open(f"{site.origin}/expire/").json()["id_token"]
    browser.open(f"{site.origin}/")  # SessionRefresh asks the provider with prompt=none
    assert person.email in browser.page.text
    assert browser.open(f"{site.origin}/expire/").json()["id_token"] != before

    browser.open(f"{site.origin}/")
    assert provider.session_lives(browser, site.registration)
    browser.submit("logout")
    assert browser.page.url == f"{site.origin}/signed-out/"
    assert browser.page.json() == {"signed_out": True}
    assert not provider.session_lives(browser, site.registration)


def test_renewal_after_the_end_of_the_providers_session_signs_out(
    site: Peer, provider: Provider, browser: Browser
) -> None:
    person = provider.new_person()
    browser.open(f"{site.origin}/oidc/authenticate/")
    allow(browser, person)
    browser.open(f"{provider.issuer}/logout/")
    browser.submit("codeflow-logout")
    browser.open(f"{site.origin}/expire/")
    assert browser.open(f"{site.origin}/").json() == {"email": ""}


def test_refused_consent_signs_nobody_in(site: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    browser.open(f"{site.origin}/oidc/authenticate/")
    browser.submit("codeflow-login", username=person.username, password=person.password)
    browser.submit("codeflow-consent", button=("allow", "no"))
    assert browser.page.json() == {"email": ""}
