"""What both sites of the demo set alike; nothing here is about codeflow.

A site of your own has most of this already. Left to do there: DEBUG = False, https, ALLOWED_HOSTS, a real database.
"""

from pathlib import Path
from typing import Any

from demo_site import environment

DATA = environment.data_dir()
ADDRESSES = environment.addresses()

DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
DEFAULT_EXCEPTION_REPORTER_FILTER = "demo_site.pages.errors.NoVariables"  # a debug page must not print tokens

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "demo_cache"}}
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"

DJANGO_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
DEMO_LOOK = [
    "demo_site.pages",
    "demo_site.step_mode",
]  # its base templates stand before codeflow's, so that all pages look alike
LAB = [
    "demo_site.attacks",
    "demo_site.learn",
    "demo_site.unsafe",
]  # attacks, and a twin where they succeed: never on a site of your own

DEMO_MIDDLEWARE = [  # what the demo adds around every site: language, stops, the observer, headers, "you came by the wrong name"
    "django.middleware.locale.LocaleMiddleware",  # first: the pages of the next ones want it too
    "demo_site.step_mode.middleware.StepModeMiddleware",
    "demo_site.trace.middleware.TraceMiddleware",
    "demo_site.pages.middleware.SecurityHeadersMiddleware",
    "demo_site.pages.middleware.RightNameMiddleware",
    "demo_site.pages.middleware.NoSuchPageMiddleware",
]
DJANGO_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "demo_site.pages.context.origin",
            ],
        },
    },
]


def sqlite(path: Path, *, timeout: float = 20) -> dict[str, Any]:
    """SQLite for several threads: write-ahead log, and every transaction takes the write lock at its start."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,  # as long as the thread that serves one connection of the browser
        "OPTIONS": {
            "timeout": timeout,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


TRACE = sqlite(DATA / environment.TRACE_DATABASE, timeout=3)  # the observer's own, written by both processes
DATABASE_ROUTERS = ["demo_site.trace.router.TraceRouter"]


def logging_to(name: str) -> dict[str, Any]:
    """Everything goes to a file of the demo's folder, warnings also to the terminal."""
    plain = {"format": "{asctime} {levelname} {name} {message}", "style": "{"}
    handlers = {
        "file": {"class": "logging.FileHandler", "filename": DATA / name, "formatter": "plain", "delay": True},
        "terminal": {"class": "logging.StreamHandler", "level": "ERROR", "formatter": "plain"},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": plain},
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": "INFO"},
        "loggers": {"django": {"handlers": [], "level": "INFO"}, "django.server": {"handlers": [], "propagate": True}},
    }
