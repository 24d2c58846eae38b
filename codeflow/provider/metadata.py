"""What this provider can do, said truthfully and once for both metadata documents.

OIDC Discovery 3; RFC 8414 2; RFC 9207 3; RP-Initiated Logout 2.1. Endpoint addresses come from the pinned issuer and the URL
configuration, never from the request's Host header.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from codeflow.core.metadata import ProviderMetadata
from codeflow.core.pkce import S256
from codeflow.provider.claims import supported_claims
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow.step2_authorization_request import RESPONSE_MODES

_ID_TOKEN_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash")

_SECRET_METHODS = ("client_secret_basic", "client_secret_post")


def provider_metadata() -> ProviderMetadata:
    """The members of both documents."""
    scopes = tuple(provider_settings.scopes)
    return ProviderMetadata(
        issuer=provider_settings.issuer,
        authorization_endpoint=endpoint("authorization_endpoint"),
        token_endpoint=endpoint("token_endpoint"),
        userinfo_endpoint=endpoint("userinfo_endpoint"),
        jwks_uri=endpoint("jwks_uri"),
        introspection_endpoint=endpoint("introspection_endpoint"),
        revocation_endpoint=endpoint("revocation_endpoint"),
        end_session_endpoint=endpoint("end_session_endpoint"),
        scopes_supported=scopes,
        response_types_supported=("code",),
        response_modes_supported=RESPONSE_MODES,
        grant_types_supported=("authorization_code", "refresh_token"),
        subject_types_supported=("public", "pairwise"),
        id_token_signing_alg_values_supported=provider_settings.signing_algorithms,
        userinfo_signing_alg_values_supported=provider_settings.signing_algorithms,
        acr_values_supported=provider_settings.acr_values,
        token_endpoint_auth_methods_supported=(*_SECRET_METHODS, "none"),
        introspection_endpoint_auth_methods_supported=_SECRET_METHODS,
        revocation_endpoint_auth_methods_supported=(*_SECRET_METHODS, "none"),
        code_challenge_methods_supported=(S256,),
        claims_supported=(*_ID_TOKEN_CLAIMS, *supported_claims(scopes)),
        prompt_values_supported=("none", "login", "consent", "select_account"),
        claims_parameter_supported=True,
        request_parameter_supported=False,
        request_uri_parameter_supported=False,  # Discovery 3: its default is true
        authorization_response_iss_parameter_supported=True,
        backchannel_logout_supported=True,
        backchannel_logout_session_supported=True,
        frontchannel_logout_supported=True,
        frontchannel_logout_session_supported=True,
    )


def endpoint(name: str) -> str:
    """The absolute address of an endpoint, whose URL is named like its metadata key, on the issuer's origin."""
    parts = urlsplit(provider_settings.issuer)
    with translation.override(settings.LANGUAGE_CODE):  # an address that clients keep follows nobody's language
        path = reverse(f"codeflow_provider:{name}")
    return f"{parts.scheme}://{parts.netloc}{path}"


def issuer_path() -> str:
    """The path of the issuer without a final slash, "" where it has none."""
    return urlsplit(provider_settings.issuer).path.removesuffix("/")
