"""The picture at the top of the README: a finished run of a fresh demo, as Chromium draws it.

python -m tests.browser.demo.screenshot docs/images/run.png
"""

import os
import sys
import tempfile
from pathlib import Path

import django

from tests.browser import chromium
from tests.end_to_end.running_demo import RunningDemo

WINDOW = {"width": 1280, "height": 900}


def main(target: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.projects.both.settings")  # the tests' modules want it
    django.setup()
    from playwright.sync_api import sync_playwright

    from tests.browser.demo.trip import sign_in, to_run_page

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        demo = RunningDemo(Path(folder) / "data", ports=[8000, 8001])
        try:
            demo.wait_until_ready()
            browser = driver.chromium.launch(executable_path=chromium.executable_path(), args=chromium.flags())
            page = browser.new_page(viewport=WINDOW, color_scheme="light")
            sign_in(page, demo, "alice")
            to_run_page(page)
            page.locator("#live[data-live=no]").wait_for()
            target.parent.mkdir(parents=True, exist_ok=True)
            height = page.locator(".msg", has_text="brings the client's question").bounding_box()["y"] + 70
            page.screenshot(path=target, full_page=True, clip={"x": 0, "y": 0, "width": 1280, "height": height})
            browser.close()
        finally:
            demo.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
