"""A site that signs people in with Authlib's Django client, set up as its documentation says."""
# ruff: noqa: F403  # a ground for several projects

import json
import os

from tests.projects.ground import *

PEER = json.loads(os.environ["PEER"])

DEBUG = True  # tracebacks in the output
AUTHLIB_OAUTH_CLIENTS = {
    "codeflow": {
        "client_id": PEER["client_id"],
        "client_secret": PEER["client_secret"],
        "server_metadata_url": f"{PEER['issuer']}/.well-known/openid-configuration",
        "client_kwargs": {
            "scope": "openid profile email offline_access",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": PEER["token_endpoint_auth_method"],
        },
    }
}

ROOT_URLCONF = "tests.interop.projects.authlib.urls"
