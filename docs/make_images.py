"""Makes the screenshots in docs/images: starts the demo in a folder of its own and walks through it in Chromium.

python docs/make_images.py        needs requirements.txt and a Chromium (apt-get install chromium)
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
LARGEST = 150_000
"""Octets; a page of the docs has several pictures."""

sys.path.insert(0, str(ROOT))

from tests.browser import chromium  # noqa: E402  the project's root is on the path now
from tests.browser.demo import screenshot  # noqa: E402
from tests.end_to_end.running_demo import RunningDemo  # noqa: E402

PROFILE = (
    "from codeflow.provider.models import Client; "
    "Client.objects.filter(client_id='notes').update(maker='Example Ltd', maker_verified=True, "
    "contact='support@notes.example', policy_uri='https://notes.example/privacy', tos_uri='https://notes.example/terms')"
)
WRONG = "/o/authorize/?client_id=notes&response_type=code&scope=openid&redirect_uri="


def main() -> None:
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = RunningDemo(Path(folder) / "data").wait_until_ready()
        try:
            done = demo.manage("shell", "-c", PROFILE)
            assert done.returncode == 0, done.stderr
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=chromium.executable_path(), args=chromium.flags())
                walk(browser.new_page(viewport={"width": 1000, "height": 700}), demo)
                staff(browser.new_page(viewport={"width": 1280, "height": 800}), demo)
                browser.close()
        finally:
            demo.stop()
    screenshot.main(IMAGES / "run.png")
    check_sizes()


def walk(page: Any, demo: RunningDemo) -> None:
    """What alice sees."""
    wrong = f"{demo.client}/auth/callback/demo".replace(":", "%3A").replace("/", "%2F")
    page.goto(f"{demo.provider}{WRONG}{wrong}")
    shot(page, "error")
    page.goto(f"{demo.client}/notes/")
    log_in(page, "alice")
    page.wait_for_selector("#codeflow-consent")
    shot(page, "consent")
    page.click("#codeflow-allow")
    page.wait_for_url(f"{demo.client}/notes/")
    page.goto(f"{demo.provider}/o/connected/")
    shot(page, "connected")


def staff(page: Any, demo: RunningDemo) -> None:
    """What staff see."""
    page.goto(f"{demo.provider}/admin/codeflow_provider/client/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", "admin")
    page.click("[type=submit]")
    page.wait_for_selector("#changelist")
    shot(page, "admin-clients")
    page.click("#result_list tbody th a")
    page.wait_for_selector("#client_form")
    shot(page, "admin-client")


def log_in(page: Any, name: str) -> None:
    page.fill("#id_username", name)
    page.fill("#id_password", name)
    page.click("#codeflow-login button")


def shot(page: Any, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png", full_page=not name.startswith("admin"))


def check_sizes() -> None:
    for path in sorted(IMAGES.glob("*.png")):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} octets")
        assert path.stat().st_size <= LARGEST, f"{path} is too large for a page of the docs"


if __name__ == "__main__":
    main()
