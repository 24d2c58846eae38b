"""Both roles on a live server, as the end-to-end tests have them."""

from tests.end_to_end.in_process.conftest import _empty_process, _key_pool, browser, live_server, site

__all__ = ["_empty_process", "_key_pool", "browser", "live_server", "site"]
