"""How this client proves who it is at the token endpoint and its neighbours.

RFC 6749 2.3.1, 3.2.1; OIDC Core 9; RFC 7523 2.2, 3; Discovery 3. client_secret_basic, client_secret_post,
private_key_jwt, none. Left out: client_secret_jwt, mTLS.
"""

import secrets
import time
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote_plus

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from codeflow.core import jose
from codeflow.core.metadata import ProviderMetadata
from codeflow.relying_party.errors import ConfigurationError, ProviderUntrusted
from codeflow.relying_party.flow.configuration import Provider

BASIC, POST, PRIVATE_KEY_JWT, NONE = "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
METHODS = (BASIC, POST, PRIVATE_KEY_JWT, NONE)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = 60


def choose_method(provider: Provider, metadata: ProviderMetadata) -> str:
    """The setting if there is one; else the best that both sides know.

    No list in the metadata means basic (Discovery 3).
    """
    possible = _possible_methods(provider)
    if provider.token_endpoint_auth_method:
        return _method_from_settings(provider, possible)
    if not possible:
        return NONE
    offered = metadata.token_endpoint_auth_methods_supported or (BASIC,)
    for method in possible:
        if method in offered:
            return method
    raise ProviderUntrusted("metadata.token_endpoint_auth_methods_supported", f"offers {' '.join(offered)[:200]}")


def _possible_methods(provider: Provider) -> tuple[str, ...]:
    """The ones that the settings have the means for, the strongest first."""
    with_key = (PRIVATE_KEY_JWT,) if provider.private_key else ()
    return (*with_key, BASIC, POST) if provider.client_secret else with_key


def _method_from_settings(provider: Provider, possible: tuple[str, ...]) -> str:
    method = provider.token_endpoint_auth_method
    if method not in (*possible, NONE):
        raise ConfigurationError("configuration.token_endpoint_auth_method", f"{method} cannot be used")
    return method


def authenticated(
    provider: Provider, metadata: ProviderMetadata, form: Mapping[str, str], *, now: float | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the form to send. The proof is in exactly one of them (RFC 6749 2.3: never two methods)."""
    method = choose_method(provider, metadata)
    if method == BASIC:
        return {"Authorization": basic(provider.client_id, provider.client_secret)}, dict(form)
    identified = {**form, "client_id": provider.client_id}
    if method == POST:
        identified["client_secret"] = provider.client_secret
    if method == PRIVATE_KEY_JWT:
        identified["client_assertion_type"] = ASSERTION_TYPE
        identified["client_assertion"] = client_assertion(provider, now=time.time() if now is None else now)
    return {}, identified


def basic(client_id: str, client_secret: str) -> str:
    """Both halves are form-encoded before they are joined (RFC 6749 2.3.1, appendix B)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return "Basic " + b64encode(pair.encode("ascii")).decode("ascii")


def client_assertion(provider: Provider, *, now: float) -> str:
    """A fresh proof for one request (RFC 7523 3).

    `aud` is the issuer and nothing else, so that no other server can use it (RFC 7523bis 4, 2025).
    """
    key, alg = signing_key(provider.private_key)
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": provider.issuer,
        "jti": secrets.token_urlsafe(24),
        "iat": int(now),
        "exp": int(now) + ASSERTION_LIFE,
    }
    return jose.sign(claims, key, alg=alg, kid=provider.private_key_kid or jose.public_jwk(key, alg=alg)["kid"])


@lru_cache(maxsize=16)
def signing_key(pem: str) -> tuple[jose.PrivateKey, str]:
    """The private key in `pem` and its algorithm. Raises ValueError for one that cannot or must not sign."""
    try:
        key = load_pem_private_key(pem.encode("ascii"), password=None)
    except TypeError as error:
        raise ValueError("the key is encrypted") from error
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= jose.MIN_RSA_BITS:
        return key, jose.RS256
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp256r1":
        return key, jose.ES256
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key, jose.EDDSA
    raise ValueError("a key of this kind or size cannot be used")
