"""Every text a person can meet is marked for translation, and German says all of them.

The check is gettext's own: extracting the texts anew into a copy of the catalog must leave nothing to translate, nothing
to confirm and nothing that is no longer used; and what is compiled is what is written.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils.translation import gettext, override

ROOT = Path(__file__).parents[1]
ROLES = ("provider", "relying_party")
MARKED = "core"  # marked there (gettext_noop), said by the provider and the demo
ROOTS = {**{role: ROOT / "codeflow" / role for role in ROLES}, "demo": ROOT / "demo_site"}
OF_CORE = {"provider": "*.py", "demo_site": "redirect_uri_advice.py"}
"""Whose catalog says texts of which modules of the core."""
CATALOG = Path("locale/de/LC_MESSAGES/django.po")

pytestmark = pytest.mark.skipif(
    shutil.which("xgettext") is None, reason="gettext is missing: apt-get install gettext (brew install gettext)"
)


@pytest.fixture(scope="module", params=ROOTS)
def role(request) -> Path:
    return ROOTS[request.param]


@pytest.fixture(scope="module")
def extracted(role, tmp_path_factory) -> Path:
    """The catalog of the role (or the demo) after its texts were extracted anew, in a copy."""
    copy = tmp_path_factory.mktemp("texts") / role.name
    shutil.copytree(role, copy, ignore=shutil.ignore_patterns("__pycache__"))
    if role.name in OF_CORE:
        (copy / MARKED).mkdir()
        for module in (ROOT / "codeflow" / MARKED).glob(OF_CORE[role.name]):
            shutil.copy(module, copy / MARKED)
    extraction = subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "de", "--no-location"],
        cwd=copy,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
    )
    assert extraction.returncode == 0, extraction.stderr
    assert "warning" not in extraction.stdout + extraction.stderr, extraction.stderr
    return copy / CATALOG


@pytest.mark.parametrize("kind", ["--untranslated", "--only-fuzzy", "--only-obsolete"])
def test_german_says_every_text_and_no_other(extracted, kind):
    assert _gettext("msgattrib", kind, "--no-wrap", extracted) == ""


def test_the_catalog_keeps_placeholders_and_plural_forms(role):
    _gettext("msgfmt", "--check", "--output-file", os.devnull, role / CATALOG)


def test_what_is_compiled_is_what_is_written(role):
    compiled = (role / CATALOG).with_suffix(".mo")
    assert _gettext("msgunfmt", compiled) == _gettext("msgunfmt", "-", told=_compile(role / CATALOG))


def test_texts_stand_in_the_two_roles_alone():
    """No catalog is read for codeflow/core and the umbrella app where a role is installed alone."""
    elsewhere = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "codeflow").rglob("*.py")
        if path.relative_to(ROOT / "codeflow").parts[0] not in (*ROLES, MARKED)
        and "gettext" in path.read_text(encoding="utf-8")
    ]
    assert elsewhere == []


def test_pages_are_answered_in_german():
    with override("de"):
        assert gettext("You have not been signed in") == "Sie sind nicht angemeldet"


def _compile(catalog: Path) -> bytes:
    return subprocess.run(["msgfmt", "--output-file", "-", catalog], capture_output=True, check=True).stdout


def _gettext(command: str, *arguments: str | Path, told: bytes | None = None) -> str:
    run = subprocess.run([command, *arguments], input=told, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout.decode()
