"""A site that is an authorization server and nothing else."""

from codeflow.provider.defaults import *
from tests.projects.ground import *

INSTALLED_APPS += ["oauth2_provider", "codeflow", "codeflow.provider"]
OAUTH2_PROVIDER = {
    **OAUTH2_PROVIDER,
    "OIDC_ISS_ENDPOINT": "https://testserver/o",
    "SCOPES": {**OAUTH2_PROVIDER["SCOPES"], "notes.read": "Read your notes", "notes.write": "Change your notes"},
}
ROOT_URLCONF = "tests.projects.provider_only.urls"
