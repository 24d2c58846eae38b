"""Both sites as child processes: started, watched until they answer, stopped together."""

import http.client
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from demo_site.environment import Addresses

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, STOP_SECONDS = 60.0, 5.0


@dataclass(slots=True, kw_only=True)
class Site:
    """One child process."""

    role: str
    name: str
    port: int
    host: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        command = [sys.executable, "-m", "demo_site.launch.serve", self.role, str(self.port)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, start_new_session=True
        )

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def answers(self) -> bool:
        """Whether its front page comes with status 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": f"{self.host}:{self.port}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class SiteFailed(Exception):
    """A site ended, or never answered; the text says which."""


def sites(addresses: Addresses) -> list[Site]:
    return [
        Site(role="provider", name="authorization server", port=addresses.provider_port, host="localhost"),
        Site(role="relying_party", name="client", port=addresses.client_port, host="127.0.0.1"),
    ]


def start(running: list[Site]) -> None:
    """Starts one after the other, each when the one before answers: the first makes what the second needs."""
    for site in running:
        site.start()
        until = time.monotonic() + START_SECONDS
        while not site.answers():
            check_all_run(running)
            if time.monotonic() > until:
                raise SiteFailed(f"The {site.name} did not answer in {START_SECONDS:.0f} s.")
            time.sleep(0.05)


def check_all_run(running: list[Site]) -> None:
    for site in running:
        if site.ended and site.process is not None:
            raise SiteFailed(f"The {site.name} ended with exit code {site.process.returncode}; the demo stops.")


def stop(running: list[Site]) -> None:
    """Ends every child; one that does not follow in time is killed."""
    alive = [site.process for site in running if site.process is not None and site.process.poll() is None]
    for process in alive:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in alive:
        try:
            process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for site in running:
        if site.process is not None and site.process.stdin is not None:
            site.process.stdin.close()
