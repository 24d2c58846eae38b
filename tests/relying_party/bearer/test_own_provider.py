"""A site with both roles: its API takes the tokens of its own provider, which it knows by its metadata alone."""

import pytest
from django.test import Client as DjangoClient
from django.test import RequestFactory

from codeflow.core.errors import InvalidToken
from codeflow.provider import clients, keys
from codeflow.relying_party.bearer import introspection
from codeflow.relying_party.bearer.scheme import BearerScheme
from codeflow.testing import Reply
from codeflow.testing.wire import wired
from tests.provider.exchange import ISSUER, Browser, Party, tokens_for
from tests.provider.factories import SECRET, ClientFactory, UserFactory

API = "https://shop.example/api"


class OwnProvider:
    """Requests of the relying party reach the provider's views in this process."""

    def serves(self, url):
        return len(ISSUER) if url.startswith(f"{ISSUER}/") else 0

    def has_page(self, url):
        return False

    def answer(self, request):
        headers = {name: value for name, value in request.headers.items() if name != "content-type"}
        answer = DjangoClient().generic(
            request.method,
            request.path,
            request.body,
            request.headers.get("content-type", ""),
            secure=True,
            headers=headers,
        )
        return Reply(status=answer.status_code, headers=dict(answer.headers), body=answer.content)


@pytest.fixture(autouse=True)
def both_roles(settings, db):
    settings.ROOT_URLCONF = "tests.provider.urls"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "RequiredMiddleware" not in name]
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    settings.CODEFLOW_PROVIDER = {"RESOURCES": [API]}
    acme = {"issuer": ISSUER, "client_id": "shop", "client_secret": SECRET}
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"acme": acme}}
    clients._known.clear()
    keys._signing.clear()
    introspection.forget()
    with wired(OwnProvider()):
        yield


def issued(*, access_token_format, **resource):
    browser, user = Browser(), UserFactory()
    browser.force_sign_in(user)
    party = Party(ClientFactory(client_id="shop", access_token_format=access_token_format))
    return tokens_for(browser, party, **resource)["access_token"], user


def request_with(token):
    return RequestFactory().get("/api", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.spec("RFC 9068", "4", "what the provider signs, the relying party takes")
def test_jwt_access_token_of_the_own_provider():
    text, user = issued(access_token_format="jwt", resource=API)
    token = BearerScheme(provider="acme", audience=API, scope="openid").access_token(request_with(text))
    assert (token.sub, token.client_id, token.audiences) == (str(user.pk), "shop", {API})


def test_jwt_for_nobody_in_particular_is_not_for_this_api():
    text, _ = issued(access_token_format="jwt")
    with pytest.raises(InvalidToken, match="aud"):
        BearerScheme(provider="acme", audience=API).access_token(request_with(text))


@pytest.mark.spec("RFC 7662", "2.2", "an opaque token of the own provider, by introspection")
def test_opaque_access_token_of_the_own_provider():
    text, user = issued(access_token_format="opaque", resource=API)
    token = BearerScheme(provider="acme", audience=API, introspect=True).access_token(request_with(text))
    assert token.sub == str(user.pk)
