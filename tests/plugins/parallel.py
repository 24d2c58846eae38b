"""Shares the tests out over processes where asked to (`-n logical`): each with databases and servers of its own.

What belongs together stays together: the tests of one file on one engine, and whatever starts the demo or a browser, which each
process would start once more. Engines keep their order, so that a process changes from one to the next at most once.
"""

import importlib
from pathlib import Path

import pytest

from tests.plugins.databases import engine_of

TESTS = Path(__file__).parents[1]

WHOLE = ("tests/end_to_end/", "tests/browser/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    path = item.nodeid.partition("::")[0]
    folder = next((folder for folder in WHOLE if path.startswith(folder)), path)
    return f"{engine_of(item)} {'demo' if folder in WHOLE else path}"


def pytest_configure(config: pytest.Config) -> None:
    """The process that hands out the tests collects none, so it would know no folder's conftest.py and lose what these print."""
    if not config.pluginmanager.hasplugin("dsession"):
        return
    for conftest in sorted(TESTS.rglob("conftest.py")):
        name = ".".join(conftest.relative_to(TESTS.parent).with_suffix("").parts)
        module = importlib.import_module(name)
        if not config.pluginmanager.is_registered(module):
            config.pluginmanager.register(module, name)
