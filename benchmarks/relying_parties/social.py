from benchmarks.relying_parties.ground import *  # noqa: F403

INSTALLED_APPS += ["social_django"]  # noqa: F405
MIDDLEWARE += ["social_django.middleware.SocialAuthExceptionMiddleware"]  # noqa: F405
AUTHENTICATION_BACKENDS = ["social_core.backends.open_id_connect.OpenIdConnectAuth"]
SOCIAL_AUTH_OIDC_OIDC_ENDPOINT = PEER["issuer"]  # noqa: F405
SOCIAL_AUTH_OIDC_KEY = PEER["client_id"]  # noqa: F405
SOCIAL_AUTH_OIDC_SECRET = PEER["client_secret"]  # noqa: F405
SOCIAL_AUTH_OIDC_USE_PKCE = True
SOCIAL_AUTH_OIDC_TOKEN_ENDPOINT_AUTH_METHOD = "client_secret_post"
SOCIAL_AUTH_REQUEST_TIMEOUT = 5
SOCIAL_AUTH_RAISE_EXCEPTIONS = False
SOCIAL_AUTH_LOGIN_ERROR_URL = "/"
ROOT_URLCONF = "benchmarks.relying_parties.social_urls"
