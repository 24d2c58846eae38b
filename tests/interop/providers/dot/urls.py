"""django-oauth-toolkit's own addresses, Django's sign-in page, and the rows that the tests need."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path
from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        return {"name": request.user.get_full_name(), "email": request.user.email, "email_verified": True}


def set_up(user: Any, **peer: str) -> None:
    from oauth2_provider.models import Application

    Application.objects.create(
        name="Shop",
        client_id=peer["client_id"],
        client_secret=peer["client_secret"],
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=peer["redirect_uri"],
        post_logout_redirect_uris=peer["post_logout_redirect_uri"],
        algorithm="RS256",
    )


urlpatterns = [
    path("admin/", admin.site.urls),  # the sign-in page's template links to it
    path("login/", LoginView.as_view(template_name="admin/login.html")),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
