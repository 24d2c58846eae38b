"""The settings of docs/deploy.md pass `check --deploy` without a word."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")

BEFORE = """
from codeflow.provider.defaults import *
from tests.projects.ground import *

del PASSWORD_HASHERS  # the tests' own
SECRET_KEY = "Jc9Wq-3vZ_2xY7bN5mK8pL1oI4uT6rE0sAdFgHjQwXzVnBtMyRk4D"
INSTALLED_APPS += ["oauth2_provider", "codeflow", "codeflow.provider"]
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": "https://id.example/o"}
ROOT_URLCONF = "tests.projects.provider_only.urls"
"""


def test_the_settings_of_the_page_pass_the_deployment_checks(tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    (tmp_path / "deployed.py").write_text(BEFORE + blocks[0])
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING", "--settings", "deployed"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout, done.stdout


def test_the_commands_of_the_page_exist():
    names = set(re.findall(r"manage\.py (codeflow_\w+)", PAGE))
    found = {path.stem for path in (ROOT / "codeflow").rglob("management/commands/*.py")}
    assert names == {"codeflow_deliver_logouts", "codeflow_clear_expired"}
    assert names <= found
