"""A site that is an authorization server and also signs people in elsewhere. The tests run under these settings."""

from codeflow.provider.defaults import *
from tests.projects.ground import *

INSTALLED_APPS += ["oauth2_provider", "codeflow", "codeflow.provider", "codeflow.relying_party"]

OAUTH2_PROVIDER = {
    **OAUTH2_PROVIDER,
    "OIDC_ISS_ENDPOINT": "https://testserver/o",
    "SCOPES": {**OAUTH2_PROVIDER["SCOPES"], "notes.read": "Read your notes", "notes.write": "Change your notes"},
}

MIDDLEWARE += ["codeflow.relying_party.middleware.RelyingPartyMiddleware"]
AUTHENTICATION_BACKENDS = ["codeflow.relying_party.backends.OpenIDConnectBackend", *AUTHENTICATION_BACKENDS]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "shared": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"},
}
CODEFLOW_RELYING_PARTY = {
    "CACHE": "shared",
    "PROVIDERS": {
        "acme": {
            "issuer": "https://testserver/o",
            "client_id": "shop",
            "client_secret": "tests-only",
            "scope": "openid profile email offline_access notes.read",
            "apis": {"notes": "https://testserver/api/"},
        },
    },
}

ROOT_URLCONF = "tests.projects.both.urls"
