"""The same with every gate of RFC 9700 turned on that it has."""

from benchmarks.providers.toolkit import *
from benchmarks.providers.toolkit import OAUTH2_PROVIDER

_GATES = "IMPLICIT_GRANT PASSWORD_GRANT PKCE_METHOD ACCESS_TOKEN_TRANSPORT AUTHZ_RESPONSE_ISS TOKEN_STORAGE REFRESH_TOKEN REDIRECT_URI_SCHEME REDIRECT_URI_MATCHING PKCE_REQUIRED"
OAUTH2_PROVIDER = {
    **OAUTH2_PROVIDER,
    **{f"COMPLIANT_BCP_RFC9700_{gate}": True for gate in _GATES.split()},
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}
