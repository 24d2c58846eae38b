"""What `django-admin startproject` writes, for every peer: its middleware, database sessions, default password hashers."""

import json
import os
from typing import Any

SECRET_KEY = "benchmark-only-" + "0123456789abcdef" * 4
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
WSGI_APPLICATION = "benchmarks.peers.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
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
DATABASES: dict[str, dict[str, Any]] = {
    "default": {**json.loads(os.environ["BENCHMARK_DATABASE"]), "CONN_MAX_AGE": 600},
}

CLIENT_ID = "benchmark"
SECRET = os.environ["BENCHMARK_SECRET"]
"""256 random bits, the same for every peer of a run."""

PRIVATE_KEY = os.environ["BENCHMARK_KEY"]
"""RSA, 2048 bits, PEM; for the peers that do not make their own."""

REDIRECT_URI = "https://client.example/callback"
SCOPES = {
    "openid": "Who you are",
    "profile": "Your name",
    "email": "Your address",
    "offline_access": "While you are away",
}
SCOPE = " ".join(SCOPES)
CODE_SECONDS, TOKEN_SECONDS = 600, 3600
