from benchmarks.relying_parties.ground import *  # noqa: F403

INSTALLED_APPS += ["mozilla_django_oidc"]  # noqa: F405
AUTHENTICATION_BACKENDS = ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"]
OIDC_RP_CLIENT_ID = PEER["client_id"]  # noqa: F405
OIDC_RP_CLIENT_SECRET = PEER["client_secret"]  # noqa: F405
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = "openid profile email"
OIDC_OP_AUTHORIZATION_ENDPOINT = f"{PEER['issuer']}/authorize"  # noqa: F405
OIDC_OP_TOKEN_ENDPOINT = f"{PEER['issuer']}/token"  # noqa: F405
OIDC_OP_USER_ENDPOINT = f"{PEER['issuer']}/userinfo"  # noqa: F405
OIDC_OP_JWKS_ENDPOINT = f"{PEER['issuer']}/jwks"  # noqa: F405
OIDC_USE_PKCE = True
OIDC_USE_NONCE = True
OIDC_STORE_ACCESS_TOKEN = True
OIDC_TIMEOUT = 5
ROOT_URLCONF = "benchmarks.relying_parties.mozilla_urls"
