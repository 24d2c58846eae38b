#!/usr/bin/env python3
"""Command line of the demo; the server's settings are the default.

`python manage.py demo` starts it. Other commands (`codeflow_client`, `migrate`, `shell` …) work on the same data: the demo's
folder is the one that --data-dir, else CODEFLOW_DEMO_DATA, else the user's cache folder names.
"""

import importlib.util
import os
import sys

NEEDED = {
    "django": "Django",
    "oauth2_provider": "django-oauth-toolkit",
    "jwt": "PyJWT",
    "cryptography": "cryptography",
    "requests": "requests",
}


def main() -> None:
    missing = [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        sys.exit(
            f"This Python ({sys.executable}) lacks {', '.join(missing)}.\n"
            "Install what the demo needs into a virtual environment and use its Python:\n"
            "  python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python manage.py demo"
        )
    from django.core.management import execute_from_command_line

    from demo_site import environment

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_site.settings.provider")
    environment.adopt_arguments(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
