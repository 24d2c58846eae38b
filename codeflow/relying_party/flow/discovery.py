"""Before step 1: learn where the provider's endpoints are and what it can do.

OIDC Discovery 3, 4; RFC 8414 3.3; RFC 9700 2.1.1 (PKCE). Left out: WebFinger; metadata in RFC 8414's place alone.
"""

from collections.abc import Iterator

from codeflow.core import pkce
from codeflow.core.metadata import ProviderMetadata
from codeflow.core.uris import is_loopback_host, openid_configuration_url, split_uri
from codeflow.relying_party.errors import Check, ProviderUntrusted
from codeflow.relying_party.flow.checklist import all_passed, check, equal
from codeflow.relying_party.flow.client_authentication import choose_method
from codeflow.relying_party.flow.configuration import FORM_POST, Outside, Provider
from codeflow.relying_party.flow.documents import Document, get_document

LIFE = 3600
MAX_BODY = 1024 * 1024
REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = ("userinfo_endpoint", "revocation_endpoint", "end_session_endpoint")


def provider_metadata(provider: Provider, outside: Outside) -> ProviderMetadata:
    """The provider's metadata, checked. Raises ProviderUntrusted or ProviderUnavailable."""
    document = get_document(
        openid_configuration_url(provider.issuer),
        outside,
        life=LIFE,
        judge=lambda document: check_metadata(document, provider),
        stage="metadata",
        max_body=MAX_BODY,
    )
    return check_metadata(document, provider)


def check_metadata(document: Document, provider: Provider) -> ProviderMetadata:
    """Reads `document` and holds it against what this client needs."""
    try:
        metadata = ProviderMetadata.parse(document)
    except ValueError as error:
        raise ProviderUntrusted("metadata.member", str(error)) from error
    all_passed("metadata", _checks(metadata, provider))
    choose_method(provider, metadata)
    return metadata


def _checks(metadata: ProviderMetadata, provider: Provider) -> Iterator[Check]:
    yield equal(
        "issuer", expected=provider.published_issuer, actual=metadata.issuer, spec="Discovery 4.3; RFC 8414 3.3"
    )
    for name in REQUIRED:
        yield _endpoint(name, getattr(metadata, name), provider, required=True)
    for name in OPTIONAL:
        yield _endpoint(name, getattr(metadata, name), provider, required=False)
    yield _response_type(metadata)
    yield _response_mode(metadata, provider)
    yield _pkce(metadata, provider)


def _endpoint(name: str, url: str, provider: Provider, *, required: bool) -> Check:
    passed = is_safe_endpoint(url, http_loopback=provider.http_loopback) if url else not required
    spec = "Discovery 3; OIDC Core 16.17"
    return check(name, expected="an https address", actual=url or "absent", passed=passed, spec=spec)


def is_safe_endpoint(url: str, *, http_loopback: bool) -> bool:
    """https, or plain http on a loopback host where that is allowed; no user information, no fragment."""
    parts = split_uri(url)
    if parts is None or not parts.hostname or parts.username is not None or "#" in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and http_loopback and is_loopback_host(parts.hostname))


def _response_type(metadata: ProviderMetadata) -> Check:
    types = metadata.response_types_supported  # required by Discovery 3; a provider that leaves it out means code
    passed = not types or "code" in types
    return check("response_types_supported", expected="code", actual=" ".join(types), passed=passed, spec="Discovery 3")


def _response_mode(metadata: ProviderMetadata, provider: Provider) -> Check:
    modes = metadata.response_modes_supported
    passed = not modes or provider.response_mode != FORM_POST or FORM_POST in modes
    expected = provider.response_mode or "any"
    return check(
        "response_modes_supported", expected=expected, actual=" ".join(modes), passed=passed, spec="Discovery 3"
    )


def _pkce(metadata: ProviderMetadata, provider: Provider) -> Check:
    """Absent is not a refusal: S256 is sent all the same and does no harm (RFC 9700 2.1.1)."""
    methods = metadata.code_challenge_methods_supported
    passed = methods is None or pkce.S256 in methods or provider.is_excused("pkce_not_advertised")
    return check(
        "code_challenge_methods_supported", expected=pkce.S256, actual=methods, passed=passed, spec="RFC 9700 2.1.1"
    )
