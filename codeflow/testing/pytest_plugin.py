"""pytest finds this by itself where codeflow is installed: the fixture `codeflow_op` and the marker `codeflow_op(name)`.

Nothing of Django is imported before a test asks for the fixture.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from codeflow.testing.fake import FakeProvider


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "codeflow_op(name): which provider of PROVIDERS the fixture codeflow_op stands for"
    )


@pytest.fixture
def codeflow_op(request: pytest.FixtureRequest) -> Iterator["FakeProvider"]:
    """A fake of the provider that the marker names, else of the first in PROVIDERS, for the length of the test."""
    from codeflow.relying_party.conf import conf
    from codeflow.testing.kit import fake_provider

    marker = request.node.get_closest_marker("codeflow_op")
    with fake_provider(marker.args[0] if marker else conf.provider_names[0]) as op:
        yield op
