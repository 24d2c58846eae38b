"""The demo's provider with what docs/deploy.md asks of a site that others can reach, and without the demo's observer."""

from demo_site.settings.provider import *
from demo_site.settings.provider import INSTALLED_APPS, MIDDLEWARE, OAUTH2_PROVIDER

DEBUG = False
SECRET_KEY = "".join(
    chr(33 + (place * 37) % 94) for place in range(64)
)  # a site reads its own from a file or a variable
ALLOWED_HOSTS = ["id.example.org"]
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://id.example.org/o"}
CODEFLOW_PROVIDER = {"TRUSTED_PROXIES": 1}

_FOR_ONE_MACHINE = ("demo_site.launch", "demo_site.trace", "demo_site.unsafe")
INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in _FOR_ONE_MACHINE]
MIDDLEWARE = [path for path in MIDDLEWARE if not path.startswith("demo_site.")]
ROOT_URLCONF = "tests.projects.provider_only.urls"
DATABASE_ROUTERS = []
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:6379"}}

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "id"}}
