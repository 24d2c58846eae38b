"""Starts the demo and goes once round: sign in as alice, allow, see her notes, over HTTP as a browser would.

python .ci/round_trip.py        exits 0 when alice's notes came back through all seven steps
"""

import signal
import socket
import subprocess
import sys
import tempfile
import threading
from html.parser import HTMLParser
from pathlib import Path
from queue import Empty, Queue
from urllib.parse import urljoin

import requests

ROOT = Path(__file__).parents[1]
READY = "codeflow demo is ready"
START_SECONDS, STOP_SECONDS, HOPS = 120, 20, 8


class Form(HTMLParser):
    """The forms of a page: where each goes, what it already holds, and its buttons by their words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict] = []
        self._button: dict | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                {
                    "action": attributes.get("action", ""),
                    "method": attributes.get("method", "get"),
                    "fields": {},
                    "types": set(),
                    "buttons": [],
                }
            )
        elif tag == "input" and self.forms:
            form = self.forms[-1]
            form["types"].add(attributes.get("type", "text"))
            if "name" in attributes and (
                attributes.get("type") not in ("checkbox", "radio") or "checked" in attributes
            ):
                form["fields"][attributes["name"]] = attributes.get("value", "")
        elif tag == "button" and self.forms:
            self._button = {"words": "", "name": attributes.get("name"), "value": attributes.get("value", "")}
            self.forms[-1]["buttons"].append(self._button)

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button["words"] = f"{self._button['words']} {data.strip()}".strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None


def answer(page: requests.Response) -> tuple[str, dict[str, str]] | None:
    """What alice does on a page: sign in, allow, or nothing."""
    for form in Form(page.text).forms:
        fields = dict(form["fields"])
        if form["method"].lower() != "post":
            continue
        if "password" in form["types"]:
            fields |= {"username": "alice", "password": "alice"}
            return urljoin(page.url, form["action"]), fields
        for button in form["buttons"]:
            if button["words"].startswith("Allow"):
                return urljoin(page.url, form["action"]), fields | (
                    {button["name"]: button["value"]} if button["name"] else {}
                )
    return None


def go_round(client: str) -> None:
    """From /notes/ at the client to alice's notes. Raises AssertionError where the journey ends elsewhere."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(f"{client}/notes/", timeout=30)
        for _ in range(HOPS):
            assert page.status_code == 200, f"{page.status_code} at {page.url.partition('?')[0]}:\n{page.text[:2000]}"
            print(f"  {page.url.partition('?')[0]}")
            action = answer(page) if not page.url.startswith(f"{client}/notes/") else None
            if action is None:
                break
            page = browser.post(
                action[0],
                data=action[1],
                headers={"Referer": page.url, "Origin": "/".join(page.url.split("/")[:3])},
                timeout=30,
            )
        assert page.url == f"{client}/notes/", f"the journey ended at {page.url.partition('?')[0]}"
        account = browser.get(f"{client}/account/", timeout=30)
        assert account.status_code == 200, f"/account/ answered {account.status_code}"
        assert "alice" in account.text.lower(), "/account/ does not name alice"


def free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def wait_until_ready(demo: subprocess.Popen[str]) -> None:
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in demo.stdout:
            lines.put(line.rstrip())
        lines.put("the demo ended")

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=START_SECONDS)
        except Empty:
            raise AssertionError(f"the demo was not ready within {START_SECONDS} s") from None
        print(f"  | {line}")
        if line == READY:
            return
        assert line != "the demo ended", line


def main() -> int:
    provider_port, client_port = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="codeflow-demo-") as data:
        command = [sys.executable, "manage.py", "demo", "--no-browser", "--data-dir", data]
        command += ["--provider-port", str(provider_port), "--client-port", str(client_port)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as demo:
            try:
                wait_until_ready(demo)
                go_round(f"http://127.0.0.1:{client_port}")
            except (AssertionError, requests.RequestException) as error:
                print(f"The round trip failed: {error}")
                return 1
            finally:
                demo.send_signal(signal.SIGTERM)
                try:
                    demo.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    print(f"The demo did not stop within {STOP_SECONDS} s of SIGTERM.")
                    demo.kill()
                    return 1
    print("alice signed in, allowed, and saw her notes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
