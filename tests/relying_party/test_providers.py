"""Entries of PROVIDERS: presets, tenants, quirks and this client's own key."""

import logging

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.test import Client

from codeflow.core import jose
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.entries import problems_of
from codeflow.relying_party.errors import ConfigurationError
from codeflow.relying_party.flow.client_authentication import ASSERTION_TYPE, authenticated
from codeflow.relying_party.flow.presets import PRESETS
from codeflow.relying_party.models import Identity
from tests.relying_party.misbehaving_provider import CLIENT_ID, KEY, json_reply

OWN = {"client_id": "shop", "client_secret": "s"}
TENANT = "11111111-2222-3333-4444-555555555555"


def pem(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


EC_PEM = pem(ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize(
    ("entry", "issuer"),
    [
        ({"preset": "google"}, "https://accounts.google.com"),
        ({"preset": "microsoft", "tenant": TENANT}, f"https://login.microsoftonline.com/{TENANT}/v2.0"),
        ({"preset": "keycloak", "host": "id.example", "realm": "staff"}, "https://id.example/realms/staff"),
        ({"preset": "auth0", "domain": "shop.eu.auth0.com"}, "https://shop.eu.auth0.com/"),
        ({"preset": "okta", "domain": "shop.okta.com"}, "https://shop.okta.com"),
        ({"preset": "okta", "issuer": "https://shop.okta.com/oauth2/default"}, "https://shop.okta.com/oauth2/default"),
        ({"preset": "gitlab"}, "https://gitlab.com"),
        ({"preset": "gitlab", "issuer": "https://gitlab.shop.example"}, "https://gitlab.shop.example"),
    ],
)
def test_preset_saves_writing(settings, entry, issuer):
    assert problems_of("x", {**entry, **OWN}) == []
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"x": {**entry, **OWN}}}
    provider = conf.provider("x")
    assert (provider.issuer, provider.label) == (issuer, PRESETS[entry["preset"]]["label"])
    assert conf.label("x") == provider.label


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"preset": "gogle"}, "there is no preset 'gogle'"),
        ({"preset": "keycloak", "host": "id.example"}, "realm is missing"),
        ({"preset": "microsoft", "tenant": "organizations"}, "it serves many tenants"),
        ({"issuer": "https://id.example", "tenants": [TENANT]}, "tenants without an issuer_template"),
        ({"issuer": "https://id.example", "quirks": ["no_nonce"]}, "there is no quirk 'no_nonce'"),
        ({"issuer": "https://id.example", "quirks": "no_nonce"}, "quirks must be a list of text"),
        ({"issuer": "https://id.example", "response_mode": "fragment"}, "response_mode 'fragment' is not supported"),
        (
            {"issuer": "https://id.example", "token_endpoint_auth_method": "client_secret_jwt"},
            "token_endpoint_auth_method 'client_secret_jwt' is not supported",
        ),
        ({"issuer": "https://id.example", "private_key": "/nowhere.pem"}, "private_key cannot be used"),
        ({"issuer": "https://id.example", "private_key": 7}, "private_key must be text"),
        ({"issuer": "https://id.example", "private_key": "-----BEGIN x"}, "private_key cannot be used"),
        ({"issuer": "https://id.example", "groups": {"map": {}}}, "groups must have claim"),
        ({"issuer": "https://id.example", "groups": {"claim": "g", "staf": []}}, "groups must have claim"),
        ({"issuer": "https://id.example", "link": "always"}, "link must be never or ask"),
        ({"issuer": "https://id.example", "authorization_parameters": []}, "authorization_parameters must map"),
    ],
)
def test_problem_is_named(entry, problem):
    (first, hint), *_ = problems_of("x", {**entry, **OWN})
    assert first.startswith(problem)
    assert hint


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(public_exponent=65537, key_size=1024),  # noqa: S505  # the rule under test
        ec.generate_private_key(ec.SECP384R1()),
        ed448.Ed448PrivateKey.generate(),
    ],
)
def test_unfit_key_of_ours_is_refused(key):
    entry = {**OWN, "issuer": "https://id.example", "private_key": pem(key)}
    assert [problem for problem, _ in problems_of("x", entry)] == ["private_key cannot be used (ValueError)"]


def test_encrypted_key_of_ours_is_refused():
    key = pem(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"secret"))
    assert problems_of("x", {**OWN, "issuer": "https://id.example", "private_key": key})


@pytest.fixture
def multi_tenant(site, op, monkeypatch):
    """Its metadata states a template; the addresses are loopback, which the guard for foreign ones would refuse."""
    template = op.issuer + "/{tenantid}"
    op.metadata.update(issuer=template, authorization_response_iss_parameter_supported=None)
    op.callback_parameters["iss"] = None
    site.ACME.update(issuer_template=template, tenants=[TENANT, "other-tenant"])
    op.claims.update(tid=TENANT, iss=f"{op.issuer}/{TENANT}")
    monkeypatch.setattr("codeflow.http._is_public", lambda address: True)
    return op


@pytest.mark.spec("OIDC Core", "3.1.3.7", "T5: a listed tenant's own issuer is the one that counts")
def test_listed_tenant_signs_in(multi_tenant, browser):
    assert browser.sign_in().status_code == 303
    assert Identity.objects.get().issuer == f"{multi_tenant.issuer}/{TENANT}"


@pytest.mark.parametrize(
    "claims",
    [
        {"tid": "unknown", "iss": "{issuer}/unknown"},
        {"tid": TENANT, "iss": "{issuer}/other-tenant"},
        {"tid": ..., "iss": "{issuer}/{tenant}"},
        {"tid": TENANT, "iss": "{issuer}/{{tenantid}}"},
        {"tid": [TENANT], "iss": "{issuer}/{tenant}"},
    ],
)
@pytest.mark.spec("OIDC Core", "3.1.3.7", "T5: no other tenant, and no template, is an issuer")
def test_other_tenant_is_refused(multi_tenant, browser, events, claims):
    iss = claims["iss"].format(issuer=multi_tenant.issuer, tenant=TENANT)
    multi_tenant.claims.update({**claims, "iss": iss})
    assert browser.sign_in().status_code == 400
    assert events[-1].reason == "id_token.iss"


@pytest.mark.spec("CWE", "918", "T3 RP-104: a provider for many tenants is not led to private addresses")
def test_foreign_addresses_must_be_public(site, op, browser, events):
    site.ACME.update(issuer_template="https://{tenantid}.example", tenants=["a"])
    assert browser.client.get("/auth/login/acme/").status_code == 400
    assert events[-1].reason == "metadata.not_sent"
    assert not op.log
    assert outside(conf.provider("acme")).door.public_addresses_only
    assert not outside().door.public_addresses_only


def test_quirk_excuses_by_name_and_is_logged(site, browser, caplog):
    caplog.set_level(logging.INFO)
    browser.op.metadata["code_challenge_methods_supported"] = ["plain"]
    site.ACME["quirks"] = ["pkce_not_advertised"]
    assert "code_challenge_method=S256" in browser.start()
    assert "quirk used: provider=acme quirk=pkce_not_advertised" in caplog.text


@pytest.mark.parametrize(("quirks", "email"), [([], ""), (["email_verified_as_text"], "a@x.example")])
@pytest.mark.spec("OIDC Core", "5.1", "T53: email_verified as text is not verified, unless excused by name")
def test_email_verified_as_text(site, browser, quirks, email):
    site.ACME["quirks"] = quirks
    browser.op.userinfo["email_verified"] = "true"
    browser.sign_in()
    assert Identity.objects.get().user.email == email


def test_parameters_of_the_settings_replace_none_of_ours(site, browser):
    site.ACME["authorization_parameters"] = {"access_type": "offline", "state": "mine", "nonce": "mine"}
    location = browser.start()
    assert "access_type=offline" in location
    assert "mine" not in location


@pytest.mark.parametrize("given", ["text", "file"])
@pytest.mark.spec("RFC 7523", "3", "private_key_jwt: aud is the issuer, jti is fresh, exp is near")
def test_private_key_jwt(site, op, browser, tmp_path, given):
    path = tmp_path / "client.pem"
    path.write_text(EC_PEM)
    del site.ACME["client_secret"]
    site.ACME["private_key"] = EC_PEM if given == "text" else str(path)
    op.metadata["token_endpoint_auth_methods_supported"] = ["private_key_jwt", "client_secret_basic"]
    op.client_jwk = jose.public_jwk(jwt.algorithms.ECAlgorithm(None).prepare_key(EC_PEM), alg="ES256")
    for _ in range(2):
        assert browser.sign_in().status_code == 303
        browser.client.logout()
    assertions = [seen.form["client_assertion"] for seen in op.requests_to("/op/token")]
    first, second = (jose.verify(assertion, [op.client_jwk], algorithms=["ES256"]) for assertion in assertions)
    assert (first.claims["iss"], first.claims["sub"], first.claims["aud"]) == (CLIENT_ID, CLIENT_ID, op.issuer)
    assert first.claims["exp"] - first.claims["iat"] == 60
    assert first.claims["jti"] != second.claims["jti"]
    assert first.header["kid"] == op.client_jwk["kid"]
    seen = op.requests_to("/op/token")[0]
    assert "Authorization" not in seen.headers
    assert (seen.form["client_assertion_type"], "client_secret" in seen.form) == (ASSERTION_TYPE, False)


@pytest.mark.parametrize(
    ("key", "alg"), [(KEY, "RS256"), (ed25519.Ed25519PrivateKey.generate(), "EdDSA")], ids=["RSA", "Ed25519"]
)
def test_algorithm_follows_the_key(settings, key, alg):
    entry = {"issuer": "https://id.example", "client_id": "shop", "private_key": pem(key), "private_key_kid": "k1"}
    settings.CODEFLOW_RELYING_PARTY = {
        "PROVIDERS": {"x": {**entry, "token_endpoint_auth_method": "private_key_jwt"}},
    }
    from codeflow.core.metadata import ProviderMetadata

    _, form = authenticated(conf.provider("x"), ProviderMetadata(issuer="https://id.example"), {})
    header = jwt.get_unverified_header(form["client_assertion"])
    assert (header["alg"], header["kid"]) == (alg, "k1")
    assert "PRIVATE" not in repr(conf.provider("x"))


def test_method_without_its_means_is_our_mistake(settings):
    entry = {"issuer": "https://id.example", **OWN, "token_endpoint_auth_method": "private_key_jwt"}
    settings.CODEFLOW_RELYING_PARTY = {"PROVIDERS": {"x": entry}}
    from codeflow.core.metadata import ProviderMetadata

    with pytest.raises(ConfigurationError, match="private_key_jwt cannot be used"):
        authenticated(conf.provider("x"), ProviderMetadata(issuer="https://id.example"), {})


SILENT = "/silent/"


@pytest.mark.parametrize("error", ["login_required", "interaction_required", "consent_required"])
@pytest.mark.spec("OIDC Core", "3.1.2.6", "T13: what prompt=none cannot do goes on with a page")
def test_prompt_none_goes_on_with_a_page(site, browser, error):
    site.ACME["prompt"] = "none"
    location = browser.start("/account/?tab=1")
    assert "prompt=none" in location
    browser.op.callback_parameters.update(code=None, error=error)
    response = browser.come_back(browser.op.authorize(location))
    again = response.headers["Location"]
    assert response.status_code == 302
    assert "prompt" not in again
    browser.op.callback_parameters.clear()
    assert browser.come_back(browser.op.authorize(again)).headers["Location"] == "/account/?tab=1"


def test_prompt_none_never_signs_out(site, browser):
    browser.sign_in()
    site.ACME["prompt"] = "none"
    browser.op.callback_parameters.update(code=None, error="login_required")
    browser.come_back(browser.op.authorize(browser.start()))
    assert browser.is_signed_in


def test_page_that_is_refused_too_is_an_error(site, browser, events):
    site.ACME["prompt"] = "none"
    browser.op.callback_parameters.update(code=None, error="login_required")
    again = browser.come_back(browser.op.authorize(browser.start())).headers["Location"]
    assert browser.come_back(browser.op.authorize(again)).status_code == 400
    assert events[-1].reason == "callback.error"


@pytest.mark.spec("OIDC Core", "5.5.1.1", "acr is asked for as essential where the provider takes the claims parameter")
def test_essential_acr_goes_into_the_claims_parameter(browser):
    browser.sign_in()
    browser.op.metadata["claims_parameter_supported"] = True
    from codeflow.relying_party.flow import documents

    documents.forget()
    from django.core.cache import cache

    cache.clear()
    location = browser.client.get(browser.client.get("/step-up/").headers["Location"]).headers["Location"]
    assert "acr_values" not in location
    assert "%22essential%22%3Atrue%2C%22values%22%3A%5B%22urn%3Amfa%22%5D" in location


@pytest.mark.spec("Unmet Authentication Requirements", "2", "T48: the provider cannot meet the acr")
def test_unmet_requirement_is_a_stronger_sign_in_needed(browser, events):
    browser.op.callback_parameters.update(code=None, error="unmet_authentication_requirements")
    response = browser.sign_in()
    assert (response.status_code, events[-1].reason) == (403, "callback.acr")
    assert "stronger sign-in" in response.content.decode()


def test_logout_token_without_exp_is_excused_by_name(site, browser):
    from tests.relying_party.test_logout_notices import post

    site.ACME["quirks"] = ["logout_token_without_exp"]
    browser.sign_in()
    assert post(browser.op, exp=...).status_code == 200
    assert post(browser.op, exp=1).status_code == 400


def test_signed_userinfo_names_the_tenants_issuer(multi_tenant, browser):
    claims = {"iss": f"{multi_tenant.issuer}/{TENANT}", "aud": CLIENT_ID, "sub": multi_tenant.sub, "name": "Alice"}
    reply = json_reply({})
    reply.headers["Content-Type"], reply.body = "application/jwt", multi_tenant.sign(claims).encode()
    multi_tenant.replies["/op/userinfo"] = lambda: reply
    assert browser.sign_in().status_code == 303
    assert Client().get("/").status_code == 200
