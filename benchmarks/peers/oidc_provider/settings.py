"""django-oidc-provider as its documentation sets it up. It keeps secrets, codes and tokens in clear."""

from benchmarks.peers.ground import *

INSTALLED_APPS += ["oidc_provider"]
ROOT_URLCONF = "benchmarks.peers.oidc_provider.urls"
SITE_URL = "https://oidc-provider.example"
OIDC_CODE_EXPIRE, OIDC_TOKEN_EXPIRE = CODE_SECONDS, TOKEN_SECONDS
OIDC_USERINFO = "benchmarks.peers.oidc_provider.register.userinfo"
