"""The growth benchmark runs: on a few grants, so that a change of the tables shows here and not a month later."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SMALL = ["--grants", "400", "--own", "40", "--expired", "30", "--rounds", "1", "--requests", "2", "--quiet", "0.1"]


def test_growth_is_measured_on_a_small_database(tmp_path):
    command = [sys.executable, "benchmarks/growth.py", *SMALL, "--output", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    saved = json.loads((tmp_path / "growth.json").read_text())
    assert saved["clearing"]["rows"] == 30
    assert saved["written"]["rows inserted"] > 2
    assert set(saved["bytes"]) >= {"accesstoken", "refreshtoken"}
    assert "bytes per live grant" in (tmp_path / "growth.md").read_text()
