"""The judges themselves: a page with faults does not pass."""

import pytest

from tests.browser.accessibility import axe, fits
from tests.browser.conftest import leaves_loopback

FAULTY = (
    "<!doctype html><html><body><img src='data:,'><p style='color:#ccc;background:#fff'>pale</p><input></body></html>"
)


def test_faulty_page_is_found_out(new_page):
    page = new_page()
    page.set_content(FAULTY)
    with pytest.raises(AssertionError) as found:
        axe(page)
    for rule in ("image-alt", "color-contrast", "label", "html-has-lang"):
        assert rule in str(found.value)


def test_page_that_is_too_wide_is_found_out(new_page):
    page = new_page("narrow")
    page.set_content("<!doctype html><div style='width:700px;margin:0'>wide</div>")
    with pytest.raises(AssertionError, match="wide in a window of 360"):
        fits(page)


def test_request_beyond_loopback_is_found_out():
    assert leaves_loopback("https://cdn.example/x.js")
    assert not leaves_loopback("http://127.0.0.1:8000/x.js")
    assert not leaves_loopback("data:,")
