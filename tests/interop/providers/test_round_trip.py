"""codeflow's relying party with providers that other people wrote: sign-in, userinfo, refresh, sign-out, back channel."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from codeflow.core import jose
from codeflow.relying_party.conf import conf
from codeflow.relying_party.grants import live_access_token
from codeflow.relying_party.models import TokenGrant
from tests.interop.peers import started
from tests.interop.providers.processes import ThirdParty, django_provider, node_provider
from tests.interop.providers.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What this provider wants and offers; `settings` are those of the site's entry for it."""

    start: Any
    settings: dict[str, str]
    back_channel: bool = False
    logout: bool = True


KINDS: dict[str, Kind] = {
    "npm oidc-provider": Kind(
        start=node_provider,
        settings={"scope": "openid profile email offline_access", "prompt": "consent"},
        back_channel=True,
    ),
    "django-oauth-toolkit": Kind(start=lambda folder, **peer: django_provider("dot", folder, path="/o"), settings={}),
    "Authlib": Kind(start=lambda folder, **peer: django_provider("authlib_server", folder), settings={}, logout=False),
    "django-allauth": Kind(start=lambda folder, **peer: django_provider("allauth_idp", folder), settings={}),
}


def only(feature: str) -> pytest.MarkDecorator:
    """Those that have it."""
    names = [name for name, kind in KINDS.items() if getattr(kind, feature)]
    return pytest.mark.parametrize("kind", names, indirect=True, scope="module")


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture(scope="module")
def third_party(kind: Kind, ear: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThirdParty]:
    yield from started(kind.start(tmp_path_factory.mktemp("third"), backchannel_logout_uri=ear.url))


@pytest.fixture
def client(site: Any, kind: Kind) -> Client:
    site.THIRD.update(kind.settings)
    return Client()


def sign_in(client: Client, visitor: Visitor) -> None:
    location = client.get("/auth/login/third/").headers["Location"]
    parts = urlsplit(visitor.go(location))
    response = client.get(f"{parts.path}?{parts.query}")
    assert response.status_code == 303, response.content.decode()


def test_sign_in_and_userinfo(client: Client, visitor: Visitor) -> None:
    sign_in(client, visitor)
    told = client.get("/").json()
    assert told["signed_in"]
    assert told["sub"]
    assert told["claims"]["email"] == "alice@example.com"
    assert told["claims"].get("name", "Alice Example") == "Alice Example"  # not every provider tells it


def test_second_sign_in_is_the_same_person(client: Client, visitor: Visitor) -> None:
    sign_in(client, visitor)
    first = client.get("/").json()["sub"]
    client.logout()
    sign_in(client, visitor)
    assert client.get("/").json()["sub"] == first


def test_refresh(client: Client, visitor: Visitor) -> None:
    sign_in(client, visitor)
    grant = TokenGrant.objects.get()
    old = grant.held
    assert old is not None
    assert old.refresh_token
    renewed = live_access_token(grant, conf.provider("third"), refused=old.access_token)
    assert renewed != old.access_token
    assert (grant.version, grant.dead_reason) == (1, "")


@only("logout")
def test_sign_out_at_the_provider(client: Client, visitor: Visitor) -> None:
    sign_in(client, visitor)
    location = client.post("/auth/logout/", {"everywhere": "1"}).headers["Location"]
    back = urlsplit(visitor.go(location))
    assert back.path == "/auth/signed-out/"
    assert client.get(f"{back.path}?{back.query}").status_code == 200
    assert not client.get("/").json()["signed_in"]


@only("back_channel")
def test_back_channel(client: Client, visitor: Visitor, ear: Any) -> None:
    """A sign-out that began in another browser window reaches this session through the provider's server."""
    sign_in(client, visitor)
    held = TokenGrant.objects.get().held
    assert held is not None
    ear.event.clear()
    other = Client()
    sign_in(other, visitor)
    visitor.go(other.post("/auth/logout/", {"everywhere": "1"}).headers["Location"])
    assert ear.event.wait(10)
    assert jose.parse(held.id_token)[1]["sid"]
    response = client.post("/auth/backchannel/third/", ear.heard[-1], content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200, response.content
    assert not client.get("/").json()["signed_in"]
