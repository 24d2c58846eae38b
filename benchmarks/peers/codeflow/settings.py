"""codeflow with its defaults."""

from benchmarks.peers.ground import *
from codeflow.provider.defaults import *

INSTALLED_APPS += ["oauth2_provider", "codeflow", "codeflow.provider"]
ROOT_URLCONF = "benchmarks.peers.codeflow.urls"
OAUTH2_PROVIDER = {
    **OAUTH2_PROVIDER,
    "OIDC_ISS_ENDPOINT": "https://codeflow.example/o",
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": CODE_SECONDS,
    "ACCESS_TOKEN_EXPIRE_SECONDS": TOKEN_SECONDS,
}
