"""A site that signs people in elsewhere and is no authorization server: django-oauth-toolkit is not among its apps."""

from tests.projects.ground import *

INSTALLED_APPS += ["codeflow", "codeflow.relying_party"]
MIDDLEWARE += ["codeflow.relying_party.middleware.RelyingPartyMiddleware"]
AUTHENTICATION_BACKENDS = ["codeflow.relying_party.backends.OpenIDConnectBackend", *AUTHENTICATION_BACKENDS]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}
CODEFLOW_RELYING_PARTY = {
    "PROVIDERS": {
        "acme": {
            "issuer": "https://login.acme.example",
            "client_id": "shop",
            "client_secret": "tests-only",
        },
    },
}
ROOT_URLCONF = "tests.projects.relying_party_only.urls"
