"""django-allauth's own addresses, and the rows that the tests need."""

from typing import Any

from django.urls import include, path


def set_up(user: Any, **peer: str) -> None:
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client

    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client(
        id=peer["client_id"],
        name="Shop",
        scopes="openid\nprofile\nemail",
        grant_types="authorization_code\nrefresh_token",
        redirect_uris=peer["redirect_uri"],
    )
    client.set_secret(peer["client_secret"])
    client.save()


urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("allauth.idp.urls")),
]
