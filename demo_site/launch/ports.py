"""Is a port free on this machine's loopback addresses, and if not, which program holds it?"""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

LOOPBACK = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
_LISTEN = "0A"


def loopback_addresses() -> list[str]:
    """127.0.0.1, and ::1 where this machine has it (`localhost` often means ::1 first)."""
    found = []
    for family, host in LOOPBACK:
        with contextlib.suppress(OSError), socket.socket(family) as probe:
            probe.bind((host, 0))
            found.append(host)
    return found


def is_free(port: int) -> bool:
    """Whether both loopback addresses can be bound to `port` now."""
    for host in loopback_addresses():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                probe.listen(1)
            except OSError:
                return False
    return True


def holder_of(port: int) -> str:
    """ "python3 (process 4711)" for the program that listens on `port`, or "" where that cannot be told."""
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        return _holder_by_proc(port) if Path("/proc/net/tcp").exists() else _holder_by_lsof(port)
    return ""


def _holder_by_proc(port: int) -> str:
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(_target(file) in sockets for file in (process / "fd").iterdir()):
                name = (process / "comm").read_text().strip()
                return f"{name} (process {process.name})"
    return ""


def _target(link: Path) -> str:
    with contextlib.suppress(OSError):
        return str(link.readlink())
    return ""


def _listening_inodes(port: int) -> Iterator[str]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTEN and int(columns[1].rpartition(":")[2], 16) == port:
                    yield columns[9]


def _holder_by_lsof(port: int) -> str:
    lsof = shutil.which("lsof")
    if not lsof:
        return ""
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=3, check=False).stdout
    facts = {line[0]: line[1:] for line in output.splitlines() if line}
    return f"{facts['c']} (process {facts['p']})" if {"c", "p"} <= facts.keys() else ""
