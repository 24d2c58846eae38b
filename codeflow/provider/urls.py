"""Include below the issuer's path: `path("o/", include("codeflow.provider.urls"))` for the issuer https://host/o.

The names of the endpoints are their metadata keys. Those that servers POST to answer with and without the final slash.
"""

from django.urls import path

from codeflow.provider.views.authorization import AuthorizationView, ConsentView, SignInAgainView
from codeflow.provider.views.connected import (
    ActivityView,
    ApplicationView,
    ConnectedView,
    RemoveAllView,
    RemoveView,
)
from codeflow.provider.views.error_docs import ErrorDocsView
from codeflow.provider.views.introspection import IntrospectionView
from codeflow.provider.views.login import LoginView
from codeflow.provider.views.logout import LogoutView
from codeflow.provider.views.metadata import JwksView, MetadataView
from codeflow.provider.views.revocation import RevocationView
from codeflow.provider.views.token import TokenView
from codeflow.provider.views.userinfo import UserInfoView

app_name = "codeflow_provider"

urlpatterns = [
    path("authorize/", AuthorizationView.as_view(), name="authorization_endpoint"),
    path("consent/", ConsentView.as_view(), name="consent"),
    path("sign-in-again/", SignInAgainView.as_view(), name="sign_in_again"),
    path("login/", LoginView.as_view(), name="login"),
    path("token/", TokenView.as_view(), name="token_endpoint"),
    path("userinfo/", UserInfoView.as_view(), name="userinfo_endpoint"),
    path("jwks/", JwksView.as_view(), name="jwks_uri"),
    path("introspect/", IntrospectionView.as_view(), name="introspection_endpoint"),
    path("revoke/", RevocationView.as_view(), name="revocation_endpoint"),
    path("logout/", LogoutView.as_view(), name="end_session_endpoint"),
    path("connected/", ConnectedView.as_view(), name="connected"),
    path("connected/activity/", ActivityView.as_view(), name="connected_activity"),
    path("connected/remove-all/", RemoveAllView.as_view(), name="connected_remove_all"),
    path("connected/<int:pk>/", ApplicationView.as_view(), name="connected_application"),
    path("connected/<int:pk>/remove/", RemoveView.as_view(), name="connected_remove"),
    path("errors/", ErrorDocsView.as_view(), name="errors"),
    path("errors/<slug:name>/", ErrorDocsView.as_view(), name="error_docs"),
    path(".well-known/openid-configuration", MetadataView.as_view(), name="openid_configuration"),
    path(".well-known/oauth-authorization-server", MetadataView.as_view(), name="oauth_authorization_server"),
    # The same endpoints for clients that leave out the final slash: a redirect would lose what they POST.
    path("authorize", AuthorizationView.as_view()),
    path("token", TokenView.as_view()),
    path("userinfo", UserInfoView.as_view()),
    path("introspect", IntrospectionView.as_view()),
    path("revoke", RevocationView.as_view()),
    path("logout", LogoutView.as_view()),
]
