"""`manage.py demo` as a program: what it prints, how it ends, what it keeps."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.end_to_end.browser import Browser
from tests.end_to_end.running_demo import READY, ROOT, RunningDemo, clean_environment, free_ports
from tests.end_to_end.test_round_trip import sign_in

Start = Callable[..., RunningDemo]


@pytest.fixture(scope="session")
def used_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first start leaves behind, so that not every test has to wait for one."""
    folder = tmp_path_factory.mktemp("used") / "data"
    RunningDemo(folder).wait_until_ready().stop()
    return folder


@pytest.fixture
def start(tmp_path: Path, used_folder: Path) -> Iterator[Start]:
    started: list[RunningDemo] = []

    def one(*flags: str, fresh: bool = False, **how: object) -> RunningDemo:
        folder = tmp_path / "data"
        if not fresh and not folder.exists():
            shutil.copytree(used_folder, folder)
        started.append(RunningDemo(folder, *flags, **how))  # type: ignore[arg-type]
        return started[-1]

    yield one
    for demo in started:
        demo.stop()


def ends(demo: RunningDemo) -> bool:
    """Whether both addresses stop answering within a few seconds."""
    until = time.monotonic() + 8
    while time.monotonic() < until:
        if not demo.answers(demo.provider) and not demo.answers(demo.client):
            return True
        time.sleep(0.1)
    return False


def test_first_start_prints_the_addresses(start: Start) -> None:
    demo = start(fresh=True).wait_until_ready()
    assert demo.lines[-1] == f"{READY}\n"
    assert demo.output.strip("\n").splitlines() == [
        f"  Client                {demo.client}/     <- start here",
        f"  Authorization server  {demo.provider}/     (issuer {demo.issuer})",
        f"  Server's admin        {demo.provider}/admin/     admin / admin",
        f"  Client's admin        {demo.client}/admin/     admin / admin",
        "  People                alice / alice, bob / bob",
        f"  Data                  {demo.data_dir}/   (--data-dir, CODEFLOW_DEMO_DATA; start over with --reset)",
        "",
        READY,
    ]
    assert requests.get(f"{demo.client}/", timeout=10).status_code == 200
    assert requests.get(f"{demo.issuer}/.well-known/openid-configuration", timeout=10).json()["issuer"] == demo.issuer


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_both_children(start: Start, how: signal.Signals) -> None:
    demo = start().wait_until_ready()
    assert demo.stop(how) == 0
    assert ends(demo)


def test_nobody_but_this_machine_can_connect(demo: RunningDemo) -> None:
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    if not tables[0].exists():
        pytest.skip("this system does not tell who listens where")
    lines = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    ports = {f"{port:04X}" for port in (demo.provider_port, demo.client_port)}
    listening = {columns[1].partition(":")[0] for columns in lines if columns[3] == "0A" and columns[1][-4:] in ports}
    assert listening
    assert listening <= {"0100007F", "00000000000000000000000001000000"}  # 127.0.0.1 and ::1


def test_stopping_leaves_nothing_open(start: Start) -> None:
    demo = start().wait_until_ready()
    assert demo.stop() == 0
    assert "ResourceWarning" not in demo.output


def test_children_do_not_outlive_a_killed_parent(start: Start) -> None:
    demo = start().wait_until_ready()
    demo.stop(signal.SIGKILL)
    assert ends(demo)


def test_dead_child_ends_the_demo_with_a_sentence(start: Start) -> None:
    demo = start().wait_until_ready()
    children = Path(f"/proc/{demo.process.pid}/task/{demo.process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not tell a process's children")
    os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
    assert demo.process.wait(15) == 1
    demo.stop()
    assert "The authorization server ended" in demo.output
    assert ends(demo)


def test_busy_port_is_named_with_its_holder_and_the_flag(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        demo = start(ports=[free_ports(1)[0], busy])
        assert demo.process.wait(30) == 1
        demo.stop()
    (sentence,) = demo.output.strip().splitlines()
    assert f"Port {busy} is busy" in sentence
    assert "--client-port" in sentence
    if Path("/proc/net/tcp").exists():
        assert f"(process {os.getpid()})" in sentence


def test_second_start_keeps_data_and_follows_new_ports(start: Start, browser: Browser) -> None:
    first = start().wait_until_ready()
    sign_in(browser, first)
    key = (first.data_dir / "provider.key").read_text()
    first.stop()
    second = start().wait_until_ready()
    assert second.client_port != first.client_port
    assert (second.data_dir / "provider.key").read_text() == key
    again = Browser()
    sign_in(again, second)
    assert "Rabbit hole" in again.page.text
    with second.database("client.sqlite3") as database:
        names = [name for (name,) in database.execute("select username from auth_user")]
    assert len(names) == len(set(names)) == 3  # admin, and alice at each issuer: another port is another issuer
    again.close()


def test_reset_starts_over_and_leaves_other_files(start: Start) -> None:
    first = start().wait_until_ready()
    key = (first.data_dir / "provider.key").read_text()
    (first.data_dir / "mine.txt").write_text("keep")
    first.stop()
    second = start("--reset").wait_until_ready()
    assert (second.data_dir / "provider.key").read_text() != key
    assert (second.data_dir / "mine.txt").exists()


def test_data_dir_flag_beats_the_environment(start: Start, tmp_path: Path) -> None:
    demo = start("--data-dir", str(tmp_path / "flag"), fresh=True).wait_until_ready()
    assert (tmp_path / "flag" / "provider.sqlite3").exists()
    assert not (tmp_path / "data").exists()
    demo.stop()


def test_two_demos_do_not_share_a_folder(start: Start) -> None:
    start().wait_until_ready()
    second = start()
    assert second.process.wait(30) == 1
    second.stop()
    assert "Another demo uses" in second.output


def test_further_provider_of_the_environment_can_be_started(start: Start, demo: RunningDemo) -> None:
    entry = {"issuer": demo.issuer, "client_id": "somebody", "client_secret": "x" * 40, "scope": "openid"}
    more = start(CODEFLOW_DEMO_PROVIDERS=json.dumps({"other": entry})).wait_until_ready()
    browser = Browser()
    answer = browser.session.get(f"{more.client}/auth/login/other/", allow_redirects=False, timeout=10)
    assert answer.headers["Location"].startswith(f"{demo.issuer}/authorize/")
    assert "client_id=somebody" in answer.headers["Location"]
    browser.close()


def test_malformed_further_providers_are_refused_in_words(start: Start) -> None:
    demo = start(CODEFLOW_DEMO_PROVIDERS="{nonsense")
    assert demo.process.wait(30) == 1
    demo.stop()
    assert "CODEFLOW_DEMO_PROVIDERS is not JSON" in demo.output
    assert "Traceback" not in demo.output


def test_demo_refuses_to_run_with_debug_off(start: Start, tmp_path: Path) -> None:
    (tmp_path / "careless.py").write_text("from demo_site.settings.provider import *\n\nDEBUG = False\n")
    demo = start(DJANGO_SETTINGS_MODULE="careless", PYTHONPATH=str(tmp_path))
    assert demo.process.wait(30) == 1
    demo.stop()
    assert "demo_trace.E001" in demo.output


def test_missing_packages_are_named_with_the_way_to_get_them(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "manage.py", "demo"]
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment(tmp_path), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "lacks Django, django-oauth-toolkit" in done.stderr
    assert "pip install -r requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_other_commands_work_on_the_running_demo(demo: RunningDemo) -> None:
    made = demo.manage_json(
        "codeflow_client", "add", "--name", "Another", "--redirect-uri", "http://127.0.0.1:9/cb", "--json"
    )
    assert made["client_id"]
    assert made["client_secret"]
    assert demo.manage("migrate", "--check").returncode == 0
