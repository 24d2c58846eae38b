"""django-oauth-toolkit alone, set up as its OpenID Connect documentation says."""
# ruff: noqa: F403, F405  # a ground for several projects

import json
import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.projects.ground import *

DEBUG = True  # tracebacks in the output
INSTALLED_APPS += ["oauth2_provider"]
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": json.loads(os.environ["PEER"])["issuer"],
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode(),
    "OAUTH2_VALIDATOR_CLASS": "tests.interop.providers.dot.urls.Validator",
    "SCOPES": {"openid": "OpenID", "profile": "Profile", "email": "E-mail"},
}
LOGIN_URL = "/login/"
SETUP = "tests.interop.providers.dot.urls.set_up"
ROOT_URLCONF = "tests.interop.providers.dot.urls"
