"""Include at the root: `path("", include("codeflow.provider.well_known_urls"))`.

RFC 8414 3.1 puts the metadata of an issuer with a path outside that path.
"""

from django.urls import path

from codeflow.provider.views.metadata import MetadataView

urlpatterns = [
    path(".well-known/oauth-authorization-server<path:issuer_path>", MetadataView.as_view()),
    path(".well-known/openid-configuration<path:issuer_path>", MetadataView.as_view()),
    path(".well-known/oauth-authorization-server", MetadataView.as_view(), {"issuer_path": ""}),
    path(".well-known/openid-configuration", MetadataView.as_view(), {"issuer_path": ""}),
]
