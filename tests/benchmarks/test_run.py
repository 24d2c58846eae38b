"""The benchmark still runs: the peers answer every endpoint, and the tables hold figures."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.peers import PEERS, TOOLKIT
from benchmarks.slices import ENDPOINTS

ROOT = Path(__file__).parents[2]


def test_one_command_measures_the_peers(tmp_path):
    """But for the one that only adds a quarter of a second to each call of its twin."""
    peers = [peer.name for peer in PEERS if peer != TOOLKIT]
    smallest = [
        "--peers",
        *peers,
        "--quick",
        "--rounds",
        "1",
        "--requests",
        "2",
        "--workers",
        "1",
        "--output",
        str(tmp_path),
    ]
    ran = subprocess.run(
        [sys.executable, "benchmarks/run.py", *smallest], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    table = result["figures"]["postgresql, concurrency 1"]
    assert set(table) == set(ENDPOINTS)
    for endpoint in ENDPOINTS:
        assert set(table[endpoint]) == set(peers)
        assert all(figures["cpu"] > 0 and figures["p99"] >= figures["p50"] for figures in table[endpoint].values())
    assert result["counts"]["floor"] == {
        "authorize": [3, 0], "token": [1, 0], "userinfo": [1, 0],
        "introspect": [1, 0], "refresh": [1, 0], "whole flow": [5, 0],
    }  # fmt: skip
    assert "goal for codeflow" in ran.stdout
