"""The twin's server, below /unsafe/ at the authorization server's origin."""

from django.urls import path

from demo_site.unsafe import server

urlpatterns = [
    path("o/.well-known/openid-configuration", server.configuration),
    path("o/jwks/", server.jwks),
    path("o/authorize/", server.authorize, name="unsafe_authorize"),
    path("o/token/", server.token),
    path("o/revoke/", server.revoke),
    path("api/notes/", server.notes_api),
    path("api/weather/", server.notes_api),  # any API of the twin takes any token
    path("frame/", server.framed),
]
