"""The relying party's pages, where a site includes them: path("auth/", include("codeflow.relying_party.urls"))."""

from django.urls import path

from codeflow.relying_party import account_views, logout_views, views

app_name = "codeflow_relying_party"

urlpatterns = [
    path("login/", views.choose, name="choose"),
    path("login/<str:provider>/", views.login, name="login"),
    path("initiate/", views.initiate, name="initiate"),
    path("callback/<str:provider>/", views.callback, name="callback"),
    path("backchannel/<str:provider>/", logout_views.backchannel, name="backchannel"),
    path("frontchannel/<str:provider>/", logout_views.frontchannel, name="frontchannel"),
    path("logout/", views.logout, name="logout"),
    path("accounts/", account_views.accounts, name="accounts"),
    path("link/<str:provider>/", account_views.link, name="link"),
    path("unlink/<int:pk>/", account_views.unlink, name="unlink"),
    path("signed-out/", views.signed_out, name="signed_out"),
]
