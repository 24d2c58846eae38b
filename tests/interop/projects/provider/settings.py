"""The provider that other people's clients meet: http on a loopback host, so DEBUG is on."""
# ruff: noqa: F403, F405  # the documented line of a provider's settings is a star import

import os

from codeflow.provider.defaults import *
from tests.projects.ground import *

DEBUG = True
INSTALLED_APPS += ["oauth2_provider", "codeflow", "codeflow.provider"]
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": os.environ["ISSUER"]}
CODEFLOW_PROVIDER = {"LOGOUT_PRIVATE_ADDRESSES": True}  # the peers' back-channel addresses are on this machine
ROOT_URLCONF = "tests.interop.projects.provider.urls"
