"""A site that signs people in with django-allauth's openid_connect, set up as its documentation says."""
# ruff: noqa: F403, F405  # a ground for several projects

import json
import os

from tests.projects.ground import *

PEER = json.loads(os.environ["PEER"])

DEBUG = True  # tracebacks in the output
INSTALLED_APPS += [
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.headless",
]
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "tests.interop.projects.allauth.urls.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": ["openid", "profile", "email", "offline_access"],
        "APPS": [
            {
                "provider_id": "web",
                "name": "codeflow",
                "client_id": PEER["client_id"],
                "secret": PEER["client_secret"],
                "settings": {"server_url": PEER["issuer"], "token_auth_method": PEER["token_auth_method"]},
            },
            {
                "provider_id": "phone",
                "name": "codeflow",
                "client_id": PEER["phone_client_id"],
                "settings": {"server_url": PEER["issuer"]},
            },
        ],
    }
}
LOGIN_REDIRECT_URL = "/"

ROOT_URLCONF = "tests.interop.projects.allauth.urls"
