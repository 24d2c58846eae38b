"""What every site of the comparison has; PEER (JSON in the environment) says which provider and which client."""

import json
import os

from tests.projects.ground import *  # noqa: F403  # names are the point

PEER = json.loads(os.environ["PEER"])
DEBUG = True  # plain http on loopback hosts
LOGIN_REDIRECT_URL = LOGIN_REDIRECT_URL_FAILURE = "/"
API = PEER.get("api", "")
"""An API that a site calls with the person's token."""
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
