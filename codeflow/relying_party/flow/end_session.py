"""Sign-out at the provider as well: where the browser is sent, and what it brings back.

OIDC RP-Initiated Logout 2, 3.
"""

from codeflow.core.metadata import ProviderMetadata
from codeflow.core.uris import add_parameters
from codeflow.relying_party.flow.configuration import Provider

LONGEST_HINT = 4096
"""Characters; a longer ID token would make an address that servers refuse, and client_id says nearly as much."""


def end_session_url(
    provider: Provider, metadata: ProviderMetadata, *, id_token: str, post_logout_redirect_uri: str, state: str
) -> str:
    """The provider's sign-out address, or "" where it has none."""
    if not metadata.end_session_endpoint:
        return ""
    parameters = {
        "client_id": provider.client_id,
        "post_logout_redirect_uri": post_logout_redirect_uri,
        "state": state,
    }
    if id_token and len(id_token) <= LONGEST_HINT:
        parameters["id_token_hint"] = id_token
    return add_parameters(metadata.end_session_endpoint, parameters)
