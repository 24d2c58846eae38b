"""Settings that only mypy reads: every app of the repository at once, so that django-stubs knows each model."""

from tests.projects.both.settings import *

INSTALLED_APPS += ["demo_site.client", "demo_site.launch", "demo_site.notes", "demo_site.pages", "demo_site.trace"]
DEMO_ROLE = "provider"
