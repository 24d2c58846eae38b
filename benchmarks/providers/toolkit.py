"""django-oauth-toolkit as its documentation sets up OpenID Connect; nothing else is changed."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.projects.ground import *

INSTALLED_APPS += ["oauth2_provider"]
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": "https://testserver/o",
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": _KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode(),
    "SCOPES": {
        "openid": "Who you are",
        "profile": "Your profile",
        "email": "Your address",
        "introspection": "Look at tokens",
    },
}
ROOT_URLCONF = "benchmarks.providers.toolkit_urls"
LOGIN_URL = "/login/"
