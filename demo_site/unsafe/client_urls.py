"""The twin's client, below /unsafe/client/ at the client's origin."""

from django.urls import path

from demo_site.unsafe import client

urlpatterns = [
    path("", client.page, name="unsafe_client"),
    path("login/", client.login, name="unsafe_login"),
    path("implicit/", client.implicit, name="unsafe_implicit"),
    path("implicit/login/", client.implicit_login, name="unsafe_implicit_login"),
    path("callback/", client.callback, name="unsafe_callback"),
]
