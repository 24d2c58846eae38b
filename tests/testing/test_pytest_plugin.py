"""The plugin that pytest finds by itself where codeflow is installed."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import codeflow.testing
from codeflow.testing.pytest_plugin import codeflow_op, pytest_configure

ROOT = Path(__file__).parents[2]

__all__ = ["codeflow_op"]

SUITE = """
import sys
import pytest

def test_first_provider(codeflow_op):
    assert codeflow_op.name == "acme"

@pytest.mark.codeflow_op("other")
def test_named_provider(codeflow_op):
    assert codeflow_op.issuer.endswith("/other/")
"""

SETTINGS = """
from tests.projects.relying_party_only.settings import *
ACME = CODEFLOW_RELYING_PARTY["PROVIDERS"]["acme"]
CODEFLOW_RELYING_PARTY["PROVIDERS"]["other"] = {**ACME, "issuer": ACME["issuer"] + "/other/"}
"""


def test_fixture_of_the_plugin(codeflow_op, client):
    codeflow_op.user("alice")
    codeflow.testing.signed_in(client, codeflow_op, "alice")
    assert client.get("/").json()["claims"]["name"] == "Alice"


def test_suite_of_a_site(tmp_path):
    (tmp_path / "test_site.py").write_text(SUITE)
    (tmp_path / "site_settings.py").write_text(SETTINGS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "codeflow.testing.pytest_plugin", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [*command, "--strict-markers", "--ds=site_settings", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "2 passed" in finished.stdout, finished.stdout + finished.stderr


def test_plugin_loads_before_django_has_its_settings():
    code = "import codeflow.testing.pytest_plugin, sys; assert 'django' not in sys.modules"
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert finished.returncode == 0, finished.stderr


def test_marker_is_declared():
    lines = []

    class Config:
        def addinivalue_line(self, name, line):
            lines.append((name, line))

    pytest_configure(Config())
    assert lines[0][1].startswith("codeflow_op(name)")


def test_entry_point_names_the_plugin():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"codeflow": "codeflow.testing.pytest_plugin"}


def test_names_of_the_package():
    for name in codeflow.testing.__all__:
        assert getattr(codeflow.testing, name)
    with pytest.raises(AttributeError):
        codeflow.testing.nothing  # noqa: B018  # looking it up is the test
