"""A site with both roles whose admin is django-unfold's: its templates in place of Django's, its ModelAdmin beneath some pages."""

from tests.projects.both.settings import *

INSTALLED_APPS = ["unfold", *INSTALLED_APPS]
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "ACCESS_TOKEN_ADMIN_CLASS": "tests.projects.unfold.admin.ThemedAccessTokenAdmin"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}
CODEFLOW_RELYING_PARTY = {**CODEFLOW_RELYING_PARTY, "CACHE": "default"}
ROOT_URLCONF = "tests.projects.unfold.urls"
