"""A site that signs people in with mozilla-django-oidc, set up as its documentation says."""
# ruff: noqa: F403, F405  # a ground for several projects

import json
import os

from tests.projects.ground import *

PEER = json.loads(os.environ["PEER"])

DEBUG = True  # tracebacks in the output

INSTALLED_APPS += ["mozilla_django_oidc"]
MIDDLEWARE += ["mozilla_django_oidc.middleware.SessionRefresh"]
AUTHENTICATION_BACKENDS = ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"]
OIDC_RP_CLIENT_ID = PEER["client_id"]
OIDC_RP_CLIENT_SECRET = PEER["client_secret"]
OIDC_RP_SIGN_ALGO = PEER["algorithm"]
OIDC_RP_SCOPES = "openid email"
OIDC_OP_AUTHORIZATION_ENDPOINT = f"{PEER['issuer']}/authorize/"
OIDC_OP_TOKEN_ENDPOINT = f"{PEER['issuer']}/token/"
OIDC_OP_USER_ENDPOINT = f"{PEER['issuer']}/userinfo/"
OIDC_OP_JWKS_ENDPOINT = f"{PEER['issuer']}/jwks/"
OIDC_TOKEN_USE_BASIC_AUTH = PEER["basic_auth"]
OIDC_USE_PKCE = True
OIDC_STORE_ID_TOKEN = True
OIDC_OP_LOGOUT_URL_METHOD = "tests.interop.projects.mozilla.urls.end_session_url"
OIDC_EXEMPT_URLS = ["expire", "signed_out"]  # SessionRefresh leaves them alone
LOGIN_REDIRECT_URL = LOGIN_REDIRECT_URL_FAILURE = LOGOUT_REDIRECT_URL = "/"

ROOT_URLCONF = "tests.interop.projects.mozilla.urls"
