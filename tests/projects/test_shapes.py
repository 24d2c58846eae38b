"""Each installation shape, as the project of somebody who has just followed the README."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SHAPES = {
    "provider_only": {"codeflow_provider"},
    "relying_party_only": {"codeflow_relying_party"},
    "both": {"codeflow_provider", "codeflow_relying_party"},
}

TOOLKIT = {"provider_only": ["oauth2_provider"], "relying_party_only": [], "both": ["oauth2_provider"]}

WITHOUT_TOOLKIT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"oauth2_provider", "oauthlib", "jwcrypto"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""


def run(shape: str, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`code` in a new process with the settings of `shape`, any warning an error."""
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"tests.projects.{shape}.settings",
        "PYTHONPATH": str(ROOT),
        **environment,
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def manage(shape: str, *arguments: str, before: str = "", **environment: str) -> str:
    """What `manage.py ARGUMENTS` prints in the project `shape`; `before` runs first in its process."""
    code = f"{before}\nfrom django.core.management import execute_from_command_line\n"
    finished = run(shape, code + f"execute_from_command_line(['manage.py', *{arguments!r}])", **environment)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr


every_shape = pytest.mark.parametrize("shape", SHAPES)


@every_shape
def test_project_passes_its_checks(shape):
    assert "no issues" in manage(shape, "check")


@every_shape
def test_project_has_no_pending_migration(shape):
    assert "No changes detected" in manage(shape, "makemigrations", "--check", "--dry-run")


@every_shape
def test_empty_database_is_migrated_with_the_tables_of_its_roles_alone(shape):
    code = """
import django, json
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
print(json.dumps(connection.introspection.table_names()))
"""
    finished = run(shape, code)
    assert finished.returncode == 0, finished.stderr
    for label in ("codeflow_provider", "codeflow_relying_party"):
        assert (f'"{label}_' in finished.stdout) is (label in SHAPES[shape])


@every_shape
def test_every_migration_can_be_taken_back(shape):
    code = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
for label in %r:  # the toolkit's tables stand on the provider's
    call_command("migrate", label, "zero", verbosity=0)
call_command("migrate", verbosity=0)
"""
    finished = run(shape, code % [*TOOLKIT[shape], *sorted(SHAPES[shape])])
    assert finished.returncode == 0, finished.stderr


def test_relying_party_needs_no_toolkit():
    manage("relying_party_only", "check", before=WITHOUT_TOOLKIT)
    code = (
        WITHOUT_TOOLKIT
        + """
import django, importlib, pkgutil
django.setup()
import codeflow.relying_party
for module in pkgutil.walk_packages(codeflow.relying_party.__path__, "codeflow.relying_party."):
    importlib.import_module(module.name)
"""
    )
    finished = run("relying_party_only", code)
    assert finished.returncode == 0, finished.stderr


@every_shape
def test_no_endpoint_waits_for_djangos_login_required_middleware(shape):
    code = """
from django.conf import settings
settings.MIDDLEWARE += ["django.contrib.auth.middleware.LoginRequiredMiddleware"]
import django
django.setup()
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

def endpoints(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from endpoints(pattern.url_patterns)

def is_ours(callback):
    module = getattr(callback, "view_class", callback).__module__
    return module.startswith(("codeflow.", "oauth2_provider.")) and ".admin" not in module  # the admin asks for staff

ours = [pattern for pattern in endpoints(get_resolver().url_patterns) if is_ours(pattern.callback)]
closed = [str(pattern) for pattern in ours if getattr(pattern.callback, "login_required", True)]
assert ours, "no endpoint found"
assert not closed, closed
print(len(ours))
"""
    finished = run(shape, code)
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout) >= 3


@pytest.mark.parametrize(
    ("shape", "name", "path"),
    [
        ("provider_only", "codeflow_provider:authorization_endpoint", "/o/authorize/"),
        ("provider_only", "codeflow_provider:token_endpoint", "/o/token/"),
        ("both", "codeflow_provider:userinfo_endpoint", "/o/userinfo/"),
    ],
)
def test_endpoints_are_found_by_the_names_of_their_metadata(shape, name, path):
    code = f"""
import django
django.setup()
from django.urls import reverse
print(reverse({name!r}))
"""
    finished = run(shape, code)
    assert finished.stdout.strip() == path, finished.stderr
