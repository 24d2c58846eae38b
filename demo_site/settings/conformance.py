"""A provider for the OpenID Foundation's conformance suite; docs/conformance.md says how to run it.

Two settings decide: CODEFLOW_CONFORMANCE_ISSUER (required), and CODEFLOW_CONFORMANCE_SUITE where it is not the official one.
"""

import os
from urllib.parse import urlsplit

from codeflow.provider.defaults import *
from codeflow.provider.defaults import OAUTH2_PROVIDER
from demo_site import environment
from demo_site.conformance.configuration import Configuration, Misconfigured, new_secret
from demo_site.settings.shared import DJANGO_APPS, DJANGO_MIDDLEWARE, logging_to, sqlite

try:
    CONFORMANCE = Configuration.from_environment(
        os.environ, kept_secret=lambda name: environment.secret(f"conformance.{name}.secret", new_secret)
    )
except Misconfigured as error:
    raise SystemExit(str(error)) from None

# -- the authorization server ------------------------------------------------------------------------------------
INSTALLED_APPS = [*DJANGO_APPS, "oauth2_provider", "codeflow", "codeflow.provider", "demo_site.conformance"]
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": CONFORMANCE.issuer}
CODEFLOW_PROVIDER = {
    "USER_CLAIMS": "demo_site.conformance.person.claims",
    "LOGOUT_PRIVATE_ADDRESSES": CONFORMANCE.private_addresses,
}

# -- the rest of the site ----------------------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = environment.secret("conformance.key")
ALLOWED_HOSTS = [urlsplit(CONFORMANCE.issuer).hostname]
ROOT_URLCONF = "demo_site.conformance.urls"
MIDDLEWARE = DJANGO_MIDDLEWARE
DATABASES = {"default": sqlite(environment.data_dir() / "conformance.sqlite3")}
USE_TZ = True
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
LOGGING = logging_to("conformance.log")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

if CONFORMANCE.behind_proxy:  # only where a proxy sets this header itself, whatever the client sent
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
