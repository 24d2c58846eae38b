"""Discovery, RFC 8414 metadata and the JWK Set: public documents that any origin may read.

OIDC Discovery 4; RFC 8414 3; RFC 7517 5.
"""

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from oauth2_provider.views import ConnectDiscoveryInfoView, JwksInfoView

from codeflow.provider.keys import published_jwks
from codeflow.provider.metadata import issuer_path, provider_metadata
from codeflow.provider.views.endpoint import Endpoint

JWKS_MAX_AGE = 3600
METADATA_MAX_AGE = 300


class MetadataView(Endpoint, ConnectDiscoveryInfoView):
    """The same document below the issuer (Discovery 4.1) and before its path (RFC 8414 3.1)."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        if kwargs.get("issuer_path", issuer_path()) != issuer_path():
            raise Http404
        return _public(provider_metadata().to_document(), METADATA_MAX_AGE)


class JwksView(Endpoint, JwksInfoView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        return _public({"keys": published_jwks()}, JWKS_MAX_AGE)


def _public(document: dict[str, Any], max_age: int) -> JsonResponse:
    response = JsonResponse(document)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={max_age}"
    return response
