"""Authlib's authorization server in a Django site, its rows kept in memory."""
# ruff: noqa: F403  # a ground for several projects

from tests.projects.ground import *

DEBUG = True  # tracebacks in the output
AUTHLIB_OAUTH2_PROVIDER = {"refresh_token_generator": True, "scopes_supported": ["openid", "profile", "email"]}
LOGIN_URL = "/login/"
SETUP = "tests.interop.providers.authlib_server.server.set_up"
ROOT_URLCONF = "tests.interop.providers.authlib_server.urls"
