"""codeflow as its README sets it up."""

from codeflow.provider.defaults import *
from tests.projects.ground import *

INSTALLED_APPS += ["oauth2_provider", "codeflow", "codeflow.provider"]
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://testserver/o"}
ROOT_URLCONF = "tests.projects.provider_only.urls"
