"""Does what the README says work? Each of its code blocks is run here, in a project made by `startproject`."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """Each command of the bash blocks of `text`, as words."""
    lines = [line for block in blocks("bash", text) for line in block.splitlines()]
    return [shlex.split(command) for line in lines for command in line.split("&&")]


def test_readme_begins_with_the_two_commands():
    first, second = blocks("bash")[:2]
    assert first == (
        "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python manage.py demo\n"
    )
    assert second == ".venv/bin/python -m pytest -n logical\n"


def test_every_block_has_a_test():
    assert len(re.findall(r"^```\w", README, flags=re.MULTILINE)) == len(blocks("bash")) + len(blocks("python"))
    tested = {"python3", ".venv/bin/pip", ".venv/bin/python", "pip", "python"}
    assert {command[0] for command in commands(README)} == tested
    assert all(re.match(r"# (settings|urls|views)\.py\n", block) for block in blocks("python"))


def test_readme_fits_two_hundred_lines():
    assert README.count("\n") <= 200


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_link_leads_to_a_file(target):
    assert (ROOT / target).exists()


def test_requirements_satisfy_what_the_distribution_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    pinned = set(
        re.findall(r"^([A-Za-z0-9_.-]+)(?:\[\w+\])?==", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    )
    assert {re.split(r"[\[<>=!~ ]", name, maxsplit=1)[0].lower().replace("-", "_") for name in asked} <= {
        name.lower().replace("-", "_") for name in pinned
    }


def test_install_commands_name_extras_that_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    targets = [command[2] for command in commands(README) if command[:2] == ["pip", "install"]]
    assert targets == [".[provider]", "."]
    assert "provider" in extras


def run(directory: Path, *arguments: str, **environment: str) -> str:
    """What `python ARGUMENTS` prints in `directory`, as a reader without any of these tests' settings sees it."""
    variables = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    finished = subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env={**variables, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_demo_command_exists():
    assert "--no-browser" in run(ROOT, "manage.py", "demo", "--help")


class Project:
    """A project fresh from `startproject`, with the README's blocks in its files."""

    def __init__(self, directory: Path, text: str) -> None:
        self.directory = directory
        self.run("-m", "django", "startproject", "site_of_the_reader", ".")
        inner = directory / "site_of_the_reader"
        for block in blocks("python", text):
            name = block.partition("\n")[0].removeprefix("# ")
            path = inner / name
            before = path.read_text(encoding="utf-8") + "\n" if name == "settings.py" else ""
            path.write_text(before + block, encoding="utf-8")

    def run(self, *arguments: str) -> str:
        return run(self.directory, *arguments, PYTHONPATH=str(ROOT), ACME_ID="shop", ACME_SECRET="tests-only")


@pytest.mark.parametrize("title", ["Be a provider", "Be a relying party"])
def test_blocks_of_a_role_make_a_site_that_works(title, tmp_path):
    text = section(title)
    project = Project(tmp_path, text)
    assert "no issues" in project.run("manage.py", "check")
    project.run("manage.py", "makemigrations", "--check", "--dry-run")
    project.run("manage.py", "migrate", "--verbosity", "0")
    project.run("manage.py", "shell", "-c", "import site_of_the_reader.views, site_of_the_reader.urls")
    for command in commands(text):
        if command[0] == "python":
            printed = project.run(*command[1:])
            if command[2] == "codeflow_client":
                assert "client_id" in printed
                assert "client_secret" in printed


@pytest.mark.parametrize("title", ["Be a provider", "Be a relying party"])
def test_setting_up_a_role_takes_at_most_twenty_lines(title):
    assert max(len(block.splitlines()) for block in blocks("python", section(title))) <= 20
