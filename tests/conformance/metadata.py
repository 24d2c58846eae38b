"""The suite's conditions on the discovery document and the key set."""

import re
from typing import Any

from codeflow.core import jose
from codeflow.core.uris import authorization_server_metadata_url
from tests.conformance.suite import Suite

URIS = {
    "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "registration_endpoint",
    "introspection_endpoint", "revocation_endpoint", "end_session_endpoint", "service_documentation", "op_policy_uri",
    "op_tos_uri",
}  # fmt: skip
LISTS = {
    "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported",
    "acr_values_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported", "request_object_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported", "token_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported",
    "display_values_supported", "claim_types_supported", "claims_supported", "claims_locales_supported",
    "ui_locales_supported", "code_challenge_methods_supported", "prompt_values_supported",
}  # fmt: skip
BOOLEANS = {
    "claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported",
    "require_request_uri_registration", "authorization_response_iss_parameter_supported", "backchannel_logout_supported",
    "backchannel_logout_session_supported", "frontchannel_logout_supported", "frontchannel_logout_session_supported",
}  # fmt: skip
REQUIRED = {
    "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported",
    "subject_types_supported", "id_token_signing_alg_values_supported",
}  # fmt: skip
"""OIDC Discovery 3, where `code` is the flow."""

RECOMMENDED = {"userinfo_endpoint", "scopes_supported", "claims_supported"}
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k"}


def check_discovery(suite: Suite) -> dict[str, Any]:
    """The document is where the issuer says, is JSON, and each member has its type and a truthful value."""
    response = suite.discover()
    assert response.status_code == 200
    assert response.headers["Content-Type"].partition(";")[0] == "application/json"
    document = jose.strict_json_object(response.content)
    assert document["issuer"] == suite.issuer
    assert response.url == f"{document['issuer']}/.well-known/openid-configuration"
    assert document.keys() >= REQUIRED | RECOMMENDED
    assert document.keys() <= URIS | LISTS | BOOLEANS, "a member that no specification registers"
    _check_types(document)
    _check_values(document)
    assert suite.get(authorization_server_metadata_url(suite.issuer)).json() == document  # RFC 8414 3.1
    return document


def _check_types(document: dict[str, Any]) -> None:
    for name in URIS & document.keys():
        assert document[name].startswith("https://"), name
        assert "#" not in document[name]
    for name in LISTS & document.keys():
        assert isinstance(document[name], list), name
        assert document[name], f"{name} is empty: it should be left out"
        assert all(isinstance(value, str) for value in document[name]), name
        assert len(set(document[name])) == len(document[name]), name
    for name in BOOLEANS & document.keys():
        assert isinstance(document[name], bool), name


def _check_values(document: dict[str, Any]) -> None:
    assert "code" in document["response_types_supported"]
    assert set(document["subject_types_supported"]) <= {"public", "pairwise"}
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert "none" not in document["id_token_signing_alg_values_supported"]
    assert "openid" in document["scopes_supported"]
    assert all(re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", scope) for scope in document["scopes_supported"])
    assert "sub" in document["claims_supported"]
    assert "authorization_code" in document["grant_types_supported"]
    assert {"query", "form_post"} <= set(document["response_modes_supported"])
    assert "S256" in document["code_challenge_methods_supported"]
    assert {"client_secret_basic", "client_secret_post"} <= set(document["token_endpoint_auth_methods_supported"])
    assert document["request_uri_parameter_supported"] is False  # its default is true


def check_jwks(suite: Suite) -> None:
    """Public keys only, each usable, each with a kid of its own, one of them for RS256."""
    response = suite.get(suite.metadata["jwks_uri"])
    assert response.status_code == 200
    keys = response.json()["keys"]
    assert jose.usable_keys(response.json()) == keys
    kids = [key["kid"] for key in keys]
    assert len(set(kids)) == len(kids)
    assert all(key["use"] == "sig" for key in keys)
    assert not any(key.keys() & PRIVATE_MEMBERS for key in keys)
    assert any(key["kty"] == "RSA" and key["alg"] == "RS256" for key in keys)
    assert {key["alg"] for key in keys} == set(suite.metadata["id_token_signing_alg_values_supported"])
