"""One provider and a browser, for every test here."""

from tests.end_to_end.running_demo import browser
from tests.interop.peers import provider

__all__ = ["browser", "provider"]
