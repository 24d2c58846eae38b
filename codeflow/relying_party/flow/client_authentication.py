"""How this client proves who it is at the token endpoint and its neighbours.

RFC 6749 2.3.1, 3.2.1; OIDC Core 9; Discovery 3. client_secret_basic, client_secret_post, none. Left out:
private_key_jwt, mTLS.
"""

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote_plus

from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party.errors import ConfigurationError, ProviderUntrusted
from codeflow.relying_party.flow.configuration import Provider

BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"
METHODS = (BASIC, POST, NONE)


def choose_method(provider: Provider, metadata: ProviderMetadata) -> str:
    """The setting if there is one; else the best that both sides know.

    No list in the metadata means basic (Discovery 3).
    """
    if provider.token_endpoint_auth_method:
        return _method_from_settings(provider)
    if not provider.client_secret:
        return NONE
    offered = metadata.token_endpoint_auth_methods_supported or (BASIC,)
    for method in (BASIC, POST):
        if method in offered:
            return method
    raise ProviderUntrusted("metadata.token_endpoint_auth_methods_supported", f"offers {' '.join(offered)[:200]}")


def _method_from_settings(provider: Provider) -> str:
    method = provider.token_endpoint_auth_method
    if method not in METHODS or (method != NONE and not provider.client_secret):
        raise ConfigurationError("configuration.token_endpoint_auth_method", f"{method} cannot be used")
    return method


def authenticated(
    provider: Provider, metadata: ProviderMetadata, form: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the form to send. The secret is in exactly one of them (RFC 6749 2.3: never two methods)."""
    method = choose_method(provider, metadata)
    if method == BASIC:
        return {"Authorization": basic(provider.client_id, provider.client_secret)}, dict(form)
    identified = {**form, "client_id": provider.client_id}
    if method == POST:
        identified["client_secret"] = provider.client_secret
    return {}, identified


def basic(client_id: str, client_secret: str) -> str:
    """Both halves are form-encoded before they are joined (RFC 6749 2.3.1, appendix B)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return "Basic " + b64encode(pair.encode("ascii")).decode("ascii")
