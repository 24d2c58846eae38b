"""The running demo and a browser, for every test here."""

from tests.end_to_end.running_demo import browser, demo

__all__ = ["browser", "demo"]
