"""django-allauth as an identity provider, set up as its documentation says."""
# ruff: noqa: F403, F405  # a ground for several projects

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.projects.ground import *

DEBUG = True  # tracebacks in the output
INSTALLED_APPS += ["allauth", "allauth.account", "allauth.idp.oidc"]
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_EMAIL_VERIFICATION = "none"
IDP_OIDC_PRIVATE_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
SETUP = "tests.interop.providers.allauth_idp.urls.set_up"
ROOT_URLCONF = "tests.interop.providers.allauth_idp.urls"
