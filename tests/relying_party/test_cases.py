"""Every row of the two tables has a test that names it; here are those rows that no other file is about."""

import datetime
import ipaddress
import ssl
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.test import Client

from codeflow.core import jose
from codeflow.relying_party.flow import documents
from codeflow.relying_party.flow.step4_authorization_response import state_equals
from codeflow.relying_party.models import TokenGrant
from tests.relying_party.cases import named_rows, rows
from tests.relying_party.misbehaving_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEY,
    OTHER_KEY,
    MisbehavingProvider,
    Reply,
    json_reply,
)

NAMED = named_rows()


@pytest.mark.parametrize("row", rows())
def test_row_has_a_test(row):
    assert NAMED.get(row), f"no test names {row}: {rows()[row]}"


def test_tables_are_whole():
    assert len(rows()) == 68 + 109


def test_no_test_names_a_row_that_is_not_there():
    assert {row: files for row, files in NAMED.items() if row not in rows()} == {}


@pytest.mark.spec("RFC 9700", "2.1.1", "RP-02: S256 is sent though the metadata is silent")
def test_challenge_is_sent_though_the_metadata_is_silent(browser):
    browser.op.metadata["code_challenge_methods_supported"] = None
    asked = parse_qs(urlsplit(browser.start()).query)
    assert (asked["code_challenge_method"], bool(asked["nonce"])) == (["S256"], True)


@pytest.mark.parametrize("change", [str.swapcase, lambda state: state[:-1], lambda state: state + "A", lambda _: "ä"])
@pytest.mark.spec("CWE", "208", "RP-13: state is compared whole, exactly and in constant time")
def test_state_that_is_nearly_right_is_wrong(browser, change):
    state = parse_qs(urlsplit(browser.start()).query)["state"][0]
    response = browser.come_back(urlencode({"state": change(state), "code": "a", "iss": browser.op.issuer}))
    assert response.status_code == 400
    assert not state_equals(change(state), state)
    assert not browser.op.requests_to("/op/token")


@pytest.mark.spec("RFC 9700", "4.3", "RP-26: what a fragment holds never gets here, and no script fetches it")
def test_fragment_is_not_read(browser):
    browser.start()
    page = browser.client.get("/auth/callback/acme/")
    assert page.status_code == 400
    assert b"<script" not in page.content


@pytest.mark.spec("RFC 9700", "4.16", "RP-29: the callback is not framed")
def test_callback_is_not_framed(browser):
    assert browser.sign_in().headers["X-Frame-Options"] == "DENY"
    assert browser.come_back("").headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("expires_in", [..., -1, 0, "soon", 10**12, None, 1e300, True])
@pytest.mark.spec("RFC 6749", "5.1", "T25 RP-34: an odd lifetime is an hour, and no error")
def test_odd_lifetime_is_bounded(browser, expires_in):
    browser.op.token_members["expires_in"] = expires_in
    assert browser.sign_in().status_code == 303
    assert TokenGrant.objects.get().expires_at <= time.time() + 3600


@pytest.mark.spec("RFC 6749", "5.1", "RP-35: a narrower scope is what the session knows")
def test_narrower_scope_is_kept(browser):
    browser.op.scope_granted = "openid"
    assert browser.sign_in().status_code == 303
    assert TokenGrant.objects.get().scope == "openid"
    assert not browser.op.requests_to("/op/userinfo")


@pytest.fixture
def self_signed(tmp_path: Any) -> Any:
    """A certificate for 127.0.0.1 that nobody vouches for."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, KEY.public_key(), 1, now, now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(KEY, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.spec("OIDC Core", "16.17", "RP-37: a certificate that nobody vouches for ends it before a secret is sent")
def test_untrusted_certificate_ends_the_sign_in(browser, self_signed, events):
    location = browser.start()
    with MisbehavingProvider() as tls:
        tls.server.socket = self_signed.wrap_socket(tls.server.socket, server_side=True)
        browser.op.metadata["token_endpoint"] = f"https://127.0.0.1:{tls.server.server_port}/op/token"
        documents.forget()
        caches["default"].clear()
        response = browser.come_back(browser.op.authorize(location))
        assert (response.status_code, events[-1].reason) == (503, "token.unreachable")
        assert tls.log == []


@pytest.mark.parametrize("status", [500, 400])
@pytest.mark.spec("RFC 6749", "4.1.2", "RP-39: one code, one token request, whatever came of it")
def test_code_is_sent_once(browser, status):
    browser.op.replies["/op/token"] = lambda: Reply(status=status, body=b"{}")
    browser.sign_in()
    assert len(browser.op.requests_to("/op/token")) == 1


@pytest.mark.spec("OIDC Core", "3.1.3.7", "RP-45: a list with this client alone is an audience")
def test_audience_may_be_a_list(browser):
    browser.op.claims["aud"] = [CLIENT_ID]
    assert browser.sign_in().status_code == 303


@pytest.mark.spec("OIDC Core", "15.5.2", "RP-53: the ID token of another attempt has another nonce")
def test_id_token_of_an_earlier_attempt_is_refused(browser, events):
    browser.sign_in()
    earlier = TokenGrant.objects.get().held
    browser.client.logout()
    browser.op.token_members.update(id_token=earlier.id_token, access_token=earlier.access_token)
    assert browser.sign_in().status_code == 400
    assert events[-1].reason == "id_token.nonce"


@pytest.mark.spec("OIDC Core", "10.1", "T34 RP-57: without kid the one key of the set is the key")
def test_no_kid_and_one_key(browser):
    browser.op.header["kid"] = ...
    browser.op.jwks = {"keys": [{name: value for name, value in browser.op.public_jwk().items() if name != "kid"}]}
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize(
    "odd", [{"kty": "quantum"}, {"kty": "RSA", "n": "!"}, {"kty": "RSA", "n": 1}, "text", None, []]
)
@pytest.mark.spec("RFC 7517", "5", "T55: a key that cannot be read is skipped, not the set")
def test_malformed_key_is_skipped(browser, odd):
    browser.op.jwks = {"keys": [odd, browser.op.public_jwk()]}
    assert browser.sign_in().status_code == 303


@pytest.mark.spec(
    "OIDC Discovery", "4", "RP-99: one slash at the end of an issuer goes for the address and stays for iss"
)
def test_issuer_may_end_with_a_slash(browser, site, op):
    site.ACME["issuer"] = op.issuer + "/"
    endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
    op.metadata.update({name: f"{op.issuer}/{path}" for name, path in endpoints.items()})
    op.metadata["issuer"] = op.claims["iss"] = op.callback_parameters["iss"] = op.issuer + "/"
    assert browser.sign_in().status_code == 303
    assert op.log[0].path == "/op/.well-known/openid-configuration"


@pytest.mark.spec("RFC 8725", "3.1", "RP-102: metadata that names weak algorithms alone widens nothing")
def test_downgraded_metadata_changes_no_pin(browser, events):
    browser.op.metadata["id_token_signing_alg_values_supported"] = ["none", "HS256"]
    browser.op.make_id_token = lambda claims: _unsigned(claims)
    assert browser.sign_in().status_code == 400
    assert events[-1].reason == "id_token.alg"


def _unsigned(claims: dict[str, Any]) -> str:
    import jwt

    return jwt.encode(claims, None, algorithm="none")


@pytest.mark.spec("OIDC Discovery", "3", "RP-103: keys are fetched where the newest metadata says")
def test_moved_jwks_uri_is_followed(browser, op):
    browser.sign_in()
    browser.client.logout()
    op.key, op.kid = OTHER_KEY, "key-2"
    op.metadata["jwks_uri"] = f"{op.issuer}/keys"
    op.replies["/op/keys"] = lambda: json_reply({"keys": [jose.public_jwk(OTHER_KEY, alg="RS256", kid="key-2")]})
    documents.forget()
    caches["default"].clear()
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.spec("ASVS", "7.1", "RP-105: no secret and no address of a person in the log")
def test_log_holds_no_secret(browser, caplog, fails):
    caplog.set_level("DEBUG")
    if fails:
        browser.op.claims["nonce"] = "another"
    query = browser.op.authorize(browser.start())
    browser.come_back(query)
    (seen,) = browser.op.requests_to("/op/token")
    held = TokenGrant.objects.get().held if not fails else None
    secrets = [seen.form["code_verifier"], CLIENT_SECRET, "a@x.example", parse_qs(query)["state"][0]]
    secrets += [held.access_token, held.refresh_token, held.id_token] if held else []
    logged = "".join(record.getMessage() for record in caplog.records if record.name.startswith("codeflow"))
    assert [secret for secret in secrets if secret in logged] == []


@pytest.mark.spec("CWE", "209", "RP-106: a fault of ours shows a plain page with a reference, and reports no code")
def test_fault_of_our_own_is_a_plain_page(browser, site, caplog, events):
    def broken(user: Any, claims: Any, is_new: bool) -> None:
        raise RuntimeError(f"cannot cope with {claims['email']}")

    site.ACME["update_user"] = broken
    site.DEBUG = False
    site.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "rp"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("codeflow.relying_party.entries.Provider", _on_loopback)
        patch.setattr("codeflow.relying_party.conf.Door", _loopback_door)
        query = browser.op.authorize(browser.start())
        response = browser.come_back(query)
    page = response.content.decode()
    assert (response.status_code, events[-1].reference in page) == (500, True)
    assert "on this site" in page
    code = parse_qs(query)["code"][0]
    assert not any(secret in page + caplog.text for secret in (f'"{code}"', "a@x.example", "RuntimeError: cannot"))
    assert "RuntimeError at" in caplog.text
    assert not get_user_model().objects.exists()


def _on_loopback(**values: Any) -> Any:
    from codeflow.relying_party.flow.configuration import Provider

    return Provider(**{**values, "http_loopback": True})


def _loopback_door(**values: Any) -> Any:
    from codeflow.http import Door

    return Door(allow_http_loopback=True)


def test_developers_see_the_fault_itself(browser, site):
    site.ACME["update_user"] = lambda user, claims, is_new: 1 / 0
    with pytest.raises(ZeroDivisionError):
        browser.sign_in()


@pytest.mark.spec("OIDC Discovery", "4", "RP-108: who is signed in stays so while the provider is away")
def test_sessions_outlive_an_unreachable_provider(browser, forget_documents):
    browser.sign_in()
    browser.op.replies["/op/.well-known/openid-configuration"] = lambda: Reply(status=503)
    forget_documents()
    assert browser.client.get("/account/").status_code == 200
    response = Client().get("/auth/login/acme/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
