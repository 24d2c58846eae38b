"""The demo as it starts for everybody, once for all tests of this folder, in front of the same Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.running_demo import RunningDemo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    folder: Path = tmp_path_factory.mktemp("browser-demo") / "data"
    running = RunningDemo(folder)
    try:
        yield running.wait_until_ready()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def newcomers(demo: RunningDemo) -> Iterator[str]:
    """People who have not been asked for consent yet; the password of each is the user name. One for each test that asks."""
    names = [f"newcomer{number}" for number in range(8)]
    code = f"from django.contrib.auth.models import User\nfor name in {names}: User.objects.create_user(name, password=name)"
    done = demo.manage("shell", "-c", code)
    assert done.returncode == 0, done.stderr
    return iter(names)


@pytest.fixture
def newcomer(newcomers: Iterator[str]) -> str:
    return next(newcomers)
