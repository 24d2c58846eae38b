"""A run with CI set fails where it would skip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TESTS = """
import pytest

def test_passes():
    pass

def test_skips():
    pytest.skip("no browser here")

@pytest.mark.skip
def test_skips_without_a_word():
    pass

@pytest.mark.xfail(reason="known")
def test_fails_as_expected():
    assert False
"""


def run(directory: Path, ci: str) -> str:
    (directory / "test_sample.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.plugins.skips", "-p", "no:django", "-p", "no:cacheprovider"]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [*command, "test_sample.py"], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    return finished.stdout


@pytest.mark.parametrize("ci", ["", "0", "false"])
def test_skip_with_a_reason_is_a_skip_on_a_desk(tmp_path, ci):
    output = run(tmp_path, ci)
    assert "1 passed, 1 skipped, 1 xfailed, 1 error" in output
    assert "Skipped without a reason." in output


@pytest.mark.parametrize("ci", ["true", "1"])
def test_skip_is_a_failure_in_ci(tmp_path, ci):
    output = run(tmp_path, ci)
    assert "1 failed, 1 passed, 1 xfailed, 1 error" in output
    assert "Skipped, which CI does not accept: no browser here" in output
