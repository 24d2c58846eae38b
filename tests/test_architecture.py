"""Rules of docs/architecture.md that import-linter cannot state."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "codeflow"

TOOLKIT_PATHS = {
    "oauth2_provider.models",
    "oauth2_provider.views",
    "oauth2_provider.oauth2_validators",
    "oauth2_provider.settings",
    "oauth2_provider.generators",
}
"""The only paths of django-oauth-toolkit that stay where they are in its next minor version."""

PLACES_OF_THE_TOOLKIT = (
    "provider/conf.py",
    "provider/models/",
    "provider/migrations/",
    "provider/validator.py",
    "provider/views/",
)


def sources(*places: str) -> list[Path]:
    """Every Python file in `places` below codeflow/."""
    return sorted(path for place in places for path in (ROOT / place).rglob("*.py") if "__pycache__" not in path.parts)


def imported_modules(path: Path, *, at_module_level: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_module_level else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def is_within(module: str, parents: set[str]) -> bool:
    return any(module == parent or module.startswith(f"{parent}.") for parent in parents)


@pytest.mark.parametrize("path", sources("core"), ids=lambda path: path.name)
def test_core_imports_the_standard_library_jwt_and_cryptography_alone(path):
    allowed = set(sys.stdlib_module_names) | {"jwt", "cryptography", "codeflow.core"}
    assert {module for module in imported_modules(path) if not is_within(module, allowed)} == set()


@pytest.mark.parametrize("path", sources("."), ids=lambda path: str(path.relative_to(ROOT)))
def test_toolkit_is_imported_from_its_lasting_paths_in_its_places_alone(path):
    place = path.relative_to(ROOT).as_posix()
    toolkit = {module for module in imported_modules(path) if is_within(module, {"oauth2_provider"})}
    if place == "provider/toolkit.py":
        return
    if not place.startswith(PLACES_OF_THE_TOOLKIT):
        assert toolkit == set()
    assert {module for module in toolkit if not is_within(module, TOOLKIT_PATHS)} == set()


@pytest.mark.parametrize("place", ["provider/apps.py", "provider/defaults.py", "relying_party/apps.py"])
def test_what_settings_and_registry_load_imports_nothing_of_its_role(place):
    role = place.split("/", maxsplit=1)[0]
    modules = imported_modules(ROOT / place, at_module_level=True)
    assert {module for module in modules if is_within(module, {f"codeflow.{role}", "oauth2_provider"})} == set()


def test_defaults_import_nothing():
    assert imported_modules(ROOT / "provider" / "defaults.py") <= {"typing"}


def test_importing_the_package_imports_nothing():
    assert imported_modules(ROOT / "__init__.py") == set()
