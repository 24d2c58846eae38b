"""The provider as docs/deploy.md has it on several hosts: PostgreSQL behind pgbouncer, Redis for the cache."""

import os

from tests.projects.provider_only.settings import *

DATABASES["default"] |= {
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": True,
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ.get("CODEFLOW_TEST_REDIS", "redis://127.0.0.1:6379/0"),
    }
}
ROOT_URLCONF = "tests.provider.urls"
