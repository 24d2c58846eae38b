from benchmarks.relying_parties.ground import *  # noqa: F403

INSTALLED_APPS += [  # noqa: F405
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]  # noqa: F405
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = True
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": ["openid", "profile", "email"],
        "APPS": [
            {
                "provider_id": "op",
                "name": "op",
                "client_id": PEER["client_id"],  # noqa: F405
                "secret": PEER["client_secret"],  # noqa: F405
                "settings": {"server_url": PEER["issuer"], "token_auth_method": "client_secret_post"},  # noqa: F405
            }
        ],
    }
}
ROOT_URLCONF = "benchmarks.relying_parties.allauth_urls"
