"""django-allauth's openid_connect in a Django site of its own: login, userinfo, kept tokens, logout, and its API for apps."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.end_to_end.browser import Browser
from tests.interop.peers import (
    REASON,
    VERIFIER,
    Peer,
    Person,
    Provider,
    Registration,
    allow,
    django_peer,
    started,
)

pytest.importorskip("allauth", reason=REASON)

NOBODY_LISTENS = "http://127.0.0.1:9/callback"


@pytest.fixture(scope="module")
def phone(provider: Provider) -> Registration:
    """An app on a device: it runs the flow itself and hands the ID token to the site."""
    return provider.register(redirect_uri=NOBODY_LISTENS, public=True, id_token_signed_response_alg="EdDSA")


@pytest.fixture(scope="module", params=["client_secret_basic", "client_secret_post"])
def site(
    request: pytest.FixtureRequest, provider: Provider, phone: Registration, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    fields = {"token_endpoint_auth_method": request.param}
    settings = {"token_auth_method": request.param, "phone_client_id": phone.client_id}
    folder = tmp_path_factory.mktemp("allauth")
    callback = "/accounts/oidc/web/login/callback/"
    yield from started(django_peer(provider, "allauth", folder, callback=callback, fields=fields, **settings))


def test_login_refresh_and_logout(site: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    browser.open(f"{site.origin}/accounts/oidc/web/login/")
    allow(browser, person)
    known = browser.page.json()
    assert (known["uid"], known["email"]) == (person.sub, person.email)
    assert known["claims"]["userinfo"]["preferred_username"] == person.username
    assert known["claims"]["id_token"]["iss"] == provider.issuer

    # allauth keeps the refresh token and leaves its use to the site.
    renewed = provider.refresh(site.registration, known["refresh_token"])
    header = {"Authorization": f"Bearer {renewed['access_token']}"}
    assert requests.get(f"{provider.issuer}/userinfo/", headers=header, timeout=20).json()["sub"] == person.sub

    assert provider.session_lives(browser, site.registration)
    browser.open(f"{site.origin}/accounts/logout/")
    browser.submit(action="/accounts/logout/")
    browser.submit("codeflow-logout")
    assert browser.page.url == f"{site.origin}/signed-out/"
    assert browser.page.json() == {"email": ""}
    assert not provider.session_lives(browser, site.registration)


def test_second_login_is_silent_and_finds_the_same_account(site: Peer, provider: Provider, browser: Browser) -> None:
    person = provider.new_person()
    browser.open(f"{site.origin}/accounts/oidc/web/login/")
    allow(browser, person)
    browser.session.cookies.clear(domain="127.0.0.1")
    assert browser.open(f"{site.origin}/").json() == {"email": ""}
    browser.open(f"{site.origin}/accounts/oidc/web/login/?{urlencode({'auth_params': 'prompt=none'})}")
    assert browser.page.json()["uid"] == person.sub


def test_app_signs_in_with_its_id_token(site: Peer, phone: Registration, provider: Provider, browser: Browser) -> None:
    """allauth's API for apps checks an ID token that it did not fetch itself: signature by JWKS, iss, aud, exp."""
    person = provider.new_person()
    id_token = _id_token_of_the_phone(phone, provider, browser, person)
    token = {"client_id": phone.client_id, "id_token": id_token}
    asked = {"provider": "phone", "process": "login", "token": token}
    address = f"{site.origin}/_allauth/app/v1/auth/provider/token"
    answer = requests.post(address, json=asked, timeout=20)
    assert answer.json()["meta"]["is_authenticated"], answer.text


def _id_token_of_the_phone(phone: Registration, provider: Provider, browser: Browser, person: Person) -> str:
    browser.open(provider.authorization_url(phone, scope="openid profile email"))
    with pytest.raises(requests.ConnectionError):  # nobody listens there; the address is what the app reads
        allow(browser, person)
    [code] = parse_qs(urlsplit(browser.responses[-1].headers["Location"]).query)["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": phone.client_id,
        "code": code,
        "redirect_uri": phone.redirect_uri,
        "code_verifier": VERIFIER,
    }
    id_token: str = requests.post(f"{provider.issuer}/token/", data=form, timeout=20).json()["id_token"]
    return id_token
