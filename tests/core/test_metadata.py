import json

import pytest

from codeflow.core.metadata import ProviderMetadata

DOCUMENT = {
    "issuer": "https://op.example",
    "authorization_endpoint": "https://op.example/authorize/",
    "token_endpoint": "https://op.example/token/",
    "jwks_uri": "https://op.example/jwks/",
    "response_types_supported": ["code"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "code_challenge_methods_supported": ["S256"],
    "authorization_response_iss_parameter_supported": True,
    "request_uri_parameter_supported": False,
}


@pytest.mark.spec("OIDC Discovery", "3", "provider metadata")
@pytest.mark.spec("RFC 8414", "2", "authorization server metadata")
def test_what_one_role_publishes_the_other_reads():
    metadata = ProviderMetadata.parse(DOCUMENT)
    assert metadata.to_document() == DOCUMENT
    assert ProviderMetadata.parse(json.loads(json.dumps(metadata.to_document()))) == metadata


@pytest.mark.spec("OIDC Discovery", "3", "unknown members are ignored")
def test_unknown_members_are_ignored():
    assert ProviderMetadata.parse({**DOCUMENT, "mtls_endpoint_aliases": {}}) == ProviderMetadata.parse(DOCUMENT)


@pytest.mark.spec("OIDC Discovery", "3", "false and not stated differ")
def test_false_is_published_and_not_stated_is_left_out():
    document = ProviderMetadata(issuer="https://op.example", claims_parameter_supported=False).to_document()
    assert document == {"issuer": "https://op.example", "claims_parameter_supported": False}
    assert ProviderMetadata.parse({"issuer": "x"}).claims_parameter_supported is None
    assert ProviderMetadata.parse({"issuer": "x"}).code_challenge_methods_supported is None


def test_null_counts_as_not_stated():
    assert ProviderMetadata.parse({"issuer": "x", "jwks_uri": None}).jwks_uri == ""


@pytest.mark.spec("OIDC Discovery", "3", "members have their JSON types")
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("issuer", 7),
        ("issuer", ["https://op.example"]),
        ("token_endpoint", {}),
        ("jwks_uri", True),
        ("scopes_supported", "openid"),
        ("response_types_supported", ["code", 1]),
        ("code_challenge_methods_supported", "S256"),
        ("authorization_response_iss_parameter_supported", "true"),
        ("backchannel_logout_supported", 1),
    ],
)
def test_member_of_the_wrong_type_is_refused_by_name(member, value):
    with pytest.raises(ValueError, match=f"^{member} has the wrong type$"):
        ProviderMetadata.parse({**DOCUMENT, member: value})


@pytest.mark.spec("OIDC Discovery", "3", "issuer is required")
@pytest.mark.parametrize("document", [{}, {"issuer": None}])
def test_document_without_an_issuer_is_refused(document):
    with pytest.raises(ValueError, match="issuer is missing"):
        ProviderMetadata.parse(document)
