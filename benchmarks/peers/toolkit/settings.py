"""django-oauth-toolkit as its tutorial sets it up with OpenID Connect; BENCHMARK_HASH_SECRET says how the secret is stored."""

import os

from benchmarks.peers.ground import *

INSTALLED_APPS += ["oauth2_provider"]
ROOT_URLCONF = "benchmarks.peers.toolkit.urls"
HASH_SECRET = bool(os.environ["BENCHMARK_HASH_SECRET"])
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": "https://toolkit.example/o",
    "OIDC_RSA_PRIVATE_KEY": PRIVATE_KEY,
    "SCOPES": {**SCOPES, "introspection": "Introspect tokens"},
    "PKCE_REQUIRED": True,
    "ROTATE_REFRESH_TOKEN": True,
    "REQUEST_APPROVAL_PROMPT": "auto",
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": CODE_SECONDS,
    "ACCESS_TOKEN_EXPIRE_SECONDS": TOKEN_SECONDS,
}
