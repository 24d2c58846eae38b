"""A site that signs people in with another site's accounts: http://127.0.0.1:8001/.

What codeflow needs stands first; the rest is any Django site. The addresses live in demo_site/urls/relying_party.py.
"""

from typing import Any

from demo_site import environment
from demo_site.settings.shared import *
from demo_site.settings.shared import (
    ADDRESSES,
    DATA,
    DEMO_LOOK,
    DEMO_MIDDLEWARE,
    DJANGO_APPS,
    DJANGO_MIDDLEWARE,
    LAB,
    TRACE,
    logging_to,
    sqlite,
)
from demo_site.unsafe.addresses import lying_provider

# -- the relying party -------------------------------------------------------------------------------------------
INSTALLED_APPS = [*DJANGO_APPS, "codeflow", "codeflow.relying_party"]
MIDDLEWARE = [*DEMO_MIDDLEWARE, *DJANGO_MIDDLEWARE, "codeflow.relying_party.middleware.RelyingPartyMiddleware"]
AUTHENTICATION_BACKENDS = [
    "codeflow.relying_party.backends.OpenIDConnectBackend",
    "django.contrib.auth.backends.ModelBackend",  # for this site's own staff, in /admin/ only
]
CODEFLOW_RELYING_PARTY: dict[str, Any] = {
    "PUBLIC_URL": ADDRESSES.client,
    "PROVIDERS": {
        "demo": {
            "issuer": ADDRESSES.issuer,
            "client_id": "notes",
            "client_secret": environment.read_secret(environment.CLIENT_SECRET),
            "scope": "openid profile email offline_access notes.read",
            "apis": {"notes": f"{ADDRESSES.provider}/api/"},  # the only origin that ever sees the access token
        },
    },
}

# -- the rest of the site ----------------------------------------------------------------------------------------
INSTALLED_APPS = [*DEMO_LOOK, *INSTALLED_APPS, "demo_site.client", "demo_site.trace", *LAB]
SECRET_KEY = environment.secret(environment.CLIENT_KEY)
ROOT_URLCONF = "demo_site.urls.relying_party"
DATABASES = {"default": sqlite(DATA / environment.CLIENT_DATABASE), "trace": TRACE}
SESSION_COOKIE_NAME = "codeflow_client_session"  # two sites on one host name would overwrite each other's
CSRF_COOKIE_NAME = "codeflow_client_csrf"
LANGUAGE_COOKIE_NAME = "codeflow_client_language"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
LOGGING = logging_to(environment.CLIENT_LOG)
CODEFLOW_RELYING_PARTY["PROVIDERS"] |= {
    "unsafe": lying_provider(ADDRESSES),  # for the attacks of the lab alone
    **environment.more_providers(),
}

DEMO_ROLE = "relying_party"
