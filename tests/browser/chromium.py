"""Finds the Chromium of this machine and starts it so that it talks to nobody but loopback.

CODEFLOW_CHROMIUM=/path/to/chromium   names another one
"""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL = "no Chromium is found: apt-get install chromium (or name one in CODEFLOW_CHROMIUM)"

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


def executable_path() -> str:
    """The browser's path. Skips the test where there is none; in CI a skip is a failure."""
    named = os.environ.get("CODEFLOW_CHROMIUM", "")
    found = named or next(filter(None, map(shutil.which, NAMES)), "")
    if not found:
        pytest.skip(INSTALL)
    return found


def flags() -> list[str]:
    """Chromium's own sandbox does not start for root, which is who runs CI in a container."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, *(["--no-sandbox"] if as_root else [])]
