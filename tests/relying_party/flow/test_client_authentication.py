"""client_secret_basic, client_secret_post, none: chosen from both sides, never two at once."""

from base64 import b64decode

import pytest

from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party.errors import ConfigurationError, ProviderUntrusted
from codeflow.relying_party.flow.client_authentication import authenticated, basic, choose_method
from codeflow.relying_party.flow.configuration import Provider

FORM = {"grant_type": "authorization_code"}


def provider(**values):
    return Provider(
        **{"name": "acme", "issuer": "https://a.example", "client_id": "shop", "client_secret": "s", **values}
    )


def metadata(*methods):
    return ProviderMetadata(issuer="https://a.example", token_endpoint_auth_methods_supported=methods)


@pytest.mark.parametrize(
    ("values", "offered", "method"),
    [
        ({}, (), "client_secret_basic"),
        ({}, ("client_secret_post", "client_secret_basic"), "client_secret_basic"),
        ({}, ("private_key_jwt", "client_secret_post"), "client_secret_post"),
        ({"client_secret": ""}, ("client_secret_basic",), "none"),
        ({"token_endpoint_auth_method": "client_secret_post"}, ("client_secret_basic",), "client_secret_post"),
        ({"token_endpoint_auth_method": "none"}, (), "none"),
    ],
)
def test_method_is_chosen(values, offered, method):
    assert choose_method(provider(**values), metadata(*offered)) == method


def test_no_shared_method_is_refused():
    with pytest.raises(ProviderUntrusted):
        choose_method(provider(), metadata("private_key_jwt"))


@pytest.mark.parametrize(
    "values",
    [
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "client_secret_post", "client_secret": ""},
    ],
)
def test_method_that_cannot_be_used_is_our_mistake(values):
    with pytest.raises(ConfigurationError):
        choose_method(provider(**values), metadata())


@pytest.mark.spec("RFC 6749", "2.3.1", "RP-38: id and secret are form-encoded before they are joined")
def test_basic_encodes_both_halves():
    header = basic("shop:1", "a b+c/d:e%ü")
    assert b64decode(header.removeprefix("Basic ")).decode() == "shop%3A1:a+b%2Bc%2Fd%3Ae%25%C3%BC"


@pytest.mark.spec("RFC 6749", "2.3", "one method in one request")
def test_secret_is_in_one_place():
    headers, form = authenticated(provider(), metadata(), FORM)
    assert (set(headers), form) == ({"Authorization"}, FORM)
    headers, form = authenticated(provider(), metadata("client_secret_post"), FORM)
    assert (headers, form) == ({}, {**FORM, "client_id": "shop", "client_secret": "s"})
    headers, form = authenticated(provider(client_secret=""), metadata(), FORM)
    assert (headers, form) == ({}, {**FORM, "client_id": "shop"})
