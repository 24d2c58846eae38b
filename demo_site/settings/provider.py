"""A site that is an authorization server / OpenID Provider: http://localhost:8000/, issuer http://localhost:8000/o.

What codeflow needs stands first; the rest is any Django site. The addresses live in demo_site/urls/provider.py.
"""

from django.utils.translation import gettext_lazy as _

from codeflow.provider.defaults import *
from codeflow.provider.defaults import OAUTH2_PROVIDER
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

# -- the authorization server ------------------------------------------------------------------------------------
INSTALLED_APPS = [*DJANGO_APPS, "oauth2_provider", "codeflow", "codeflow.provider"]
OAUTH2_PROVIDER = {
    **OAUTH2_PROVIDER,
    "OIDC_ISS_ENDPOINT": ADDRESSES.issuer,  # pinned: never derived from the request's Host header
    "SCOPES": {**OAUTH2_PROVIDER["SCOPES"], "notes.read": _("Read your notes"), "notes.write": _("Add notes for you")},
}
CODEFLOW_PROVIDER = {"LOGOUT_PRIVATE_ADDRESSES": True}  # the client that hears of sign-outs is on this machine

# -- the rest of the site ----------------------------------------------------------------------------------------
INSTALLED_APPS = [*DEMO_LOOK, *INSTALLED_APPS, "demo_site.notes", "demo_site.launch", "demo_site.trace", *LAB]
SECRET_KEY = environment.secret(environment.PROVIDER_KEY)
ROOT_URLCONF = "demo_site.urls.provider"
MIDDLEWARE = [*DEMO_MIDDLEWARE, *DJANGO_MIDDLEWARE]
DATABASES = {"default": sqlite(DATA / environment.PROVIDER_DATABASE), "trace": TRACE}
SESSION_COOKIE_NAME = "codeflow_provider_session"  # two sites on one host name would overwrite each other's
CSRF_COOKIE_NAME = "codeflow_provider_csrf"
LANGUAGE_COOKIE_NAME = "codeflow_provider_language"
LOGGING = logging_to(environment.PROVIDER_LOG)

DEMO_ROLE = "provider"
