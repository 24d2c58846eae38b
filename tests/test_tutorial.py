"""Does the tutorial work? Its blocks become two projects, its servers are started, and alice goes once round."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import free_ports

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
PASSWORD = "walrus-and-carpenter"
NAMED = re.compile(r"^(?:# |<!-- )(\S+\.(?:py|html))(?: -->)?\n")


def blocks(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


class Reader:
    """Somebody who does what the tutorial says, in an empty folder, on ports that are free."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.server, self.client = free_ports()
        self.directory = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "CODEFLOW_"))}
        self.environment = {**kept, "PYTHONPATH": str(ROOT), "DJANGO_SUPERUSER_PASSWORD": PASSWORD}

    def follow(self) -> None:
        for language, block in blocks(TEXT.replace("8000", str(self.server)).replace("8001", str(self.client))):
            if language == "bash":
                self.directory = self.folder  # each begins in a terminal of its own
                for line in block.splitlines():
                    self.type_in(shlex.split(line))
            else:
                self.write(block)

    def write(self, block: str) -> None:
        named = NAMED.match(block)
        assert named, block
        path = self.folder / named[1]
        path.parent.mkdir(exist_ok=True)
        before = path.read_text(encoding="utf-8") + "\n" if path.name == "settings.py" else ""
        path.write_text(before + block, encoding="utf-8")

    def type_in(self, words: list[str]) -> None:
        match words:
            case ["pip", "install", target]:
                assert target == ".[provider]"  # it is installed already
            case ["cd", folder]:
                self.directory = self.folder / folder
            case ["export", assignment]:
                assert assignment == "NOTES_SECRET=…"
            case ["django-admin", *arguments]:
                self.run("-m", "django", *arguments)
            case ["python", "manage.py", "runserver", address]:
                self.serve(address)
            case ["python", "manage.py", "createsuperuser", *arguments]:
                self.run("manage.py", "createsuperuser", "--noinput", *arguments)
            case ["python", *arguments]:
                printed = self.run(*arguments)
                if secret := re.search(r"client_secret\W+(\S+)", printed):
                    self.environment["NOTES_SECRET"] = secret[1]
            case _:
                raise AssertionError(f"the tutorial says {words}")

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def serve(self, address: str) -> None:
        command = [sys.executable, "manage.py", "runserver", "--noreload", address]
        with (self.folder / f"{address.rpartition(':')[2]}.log").open("w") as log:
            process = subprocess.Popen(command, cwd=self.directory, env=self.environment, stdout=log, stderr=log)
        self.stack.callback(process.wait)
        self.stack.callback(process.terminate)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                requests.get(f"http://{address}/admin/login/", timeout=5)
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(Path(log.name).read_text())


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with ExitStack() as stack:
        reader = Reader(tmp_path_factory.mktemp("tutorial"), stack)
        reader.follow()
        yield reader


def test_alice_sees_her_notes(reader: Reader) -> None:
    browser = Browser()
    browser.open(f"http://127.0.0.1:{reader.client}/")
    assert browser.page.url.startswith(f"http://localhost:{reader.server}/o/login/")
    browser.submit("codeflow-login", username="alice", password=PASSWORD)
    assert "Read your notes" in browser.page.text
    browser.submit("codeflow-consent", button=("allow", "yes"))
    assert browser.page.url == f"http://127.0.0.1:{reader.client}/"
    assert "alice: buy milk" in browser.page.text
    browser.close()


def test_checks_of_both_projects_find_no_error(reader: Reader) -> None:
    for name in ("server", "client"):
        reader.directory = reader.folder / name
        reader.run("manage.py", "check")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", TEXT))))
def test_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / "docs" / target).exists()
