"""Protected resource metadata: tells clients which provider's tokens an API takes (RFC 9728 2, 3).

path(".well-known/oauth-protected-resource/api", resource_metadata("https://shop.example/api", provider="acme"))
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from codeflow.core.uris import split_uri
from codeflow.relying_party.conf import conf

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def resource_metadata(
    resource: str, *, provider: str, scopes: Sequence[str] = (), name: str = "", documentation: str = ""
) -> Callable[..., JsonResponse]:
    """A view with the document about `resource`, which is the `audience` of its bearer scheme."""

    @login_not_required
    @require_safe
    def view(request: HttpRequest) -> JsonResponse:
        document: dict[str, Any] = {
            "resource": resource,
            "authorization_servers": [conf.provider(provider).issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": list(scopes),
            "resource_name": name,
            "resource_documentation": documentation,
        }
        stated = {member: value for member, value in document.items() if value}
        return JsonResponse(stated, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=3600"})

    view.codeflow_resource = resource  # type: ignore[attr-defined]  # how challenges find out that it is published
    return view


def metadata_url(resource: str) -> str:
    """The well-known part stands between host and path (RFC 9728 3.1); "" where `resource` is no address."""
    if split_uri(resource) is None or not resource.startswith(("https://", "http://")):
        return ""
    parts = urlsplit(resource)
    return f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}{parts.path.removesuffix('/')}"
