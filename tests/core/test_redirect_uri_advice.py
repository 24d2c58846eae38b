"""What looks like a mistake, and how two addresses differ."""

import pytest

from codeflow.core.redirect_uri_advice import redirect_uri_difference, redirect_uri_warnings, twin_warnings
from codeflow.core.redirect_uris import redirect_uri_problem


@pytest.mark.parametrize(
    ("redirect_uri", "code", "fix"),
    [
        ("http://localhost:8001/cb", "localhost", "http://127.0.0.1:8001/cb"),
        ("https://xn--bcher-kva.example/cb", "punycode", "bücher.example"),
        ("https://xn--a.example/cb", "punycode", "Copy it"),
        ("https://RP.example/cb", "host_case", "https://rp.example/cb"),
        ("HTTPS://rp.example/cb", "host_case", "https://rp.example/cb"),
        ("https://rp.example:443/cb", "default_port", "https://rp.example/cb"),
        ("http://127.0.0.1:80/cb", "default_port", "http://127.0.0.1/cb"),
        ("https://intranet/cb", "short_host", "no dot"),
        ("https://rp.example./cb", "final_dot", "https://rp.example/cb"),
        ("https://www.example.com/cb", "placeholder", "Write your own"),
        ("https://your.host/cb", "placeholder", "Write your own"),
        ("https://rp.example//cb", "double_slash", "https://rp.example/cb"),
        ("https://rp.example/cb;", "final_punctuation", "https://rp.example/cb"),
    ],
)
def test_likely_mistake_is_a_warning_that_names_value_and_fix(redirect_uri, code, fix):
    assert redirect_uri_problem(redirect_uri) is None
    [warning] = redirect_uri_warnings(redirect_uri)
    assert warning.code == code
    assert str(warning).startswith(redirect_uri)
    assert fix in str(warning)


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://rp.example/cb",
        "http://127.0.0.1:8001/cb",
        "http://[::1]/cb",
        "com.example.app:/cb",
        "",
        "https://rp.example",
    ],
)
def test_usual_address_needs_no_second_look(redirect_uri):
    assert redirect_uri_warnings(redirect_uri) == []


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ("https://rp.example/cb/", "slash_twins"),
        ("https://rp.example/CB", "case_twins"),
        ("https://rp.example:8443/cb", "port_twins"),
        ("https://www.rp.example/cb", "www_twins"),
        ("http://rp.example/cb", "scheme_twins"),
    ],
)
def test_two_addresses_that_hardly_differ_are_shown_together(other, code):
    [warning] = twin_warnings(["https://rp.example/cb", other, "https://else.example/there"])
    assert warning.code == code
    assert "https://rp.example/cb" in str(warning)
    assert other in str(warning)
    assert twin_warnings([other]) == []


@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [
        ("https://rp.example/cb", "same", "is registered"),
        ("https://rp.example/cb/", "diff_slash", "slash at the end"),
        ("http://rp.example/cb", "diff_scheme", "http and https"),
        ("https://rp.example:8443/cb", "diff_port", "the port differs"),
        ("https://www.rp.example/cb", "diff_www", "www."),
        ("https://rp.example/CB", "diff_case", "capitals"),
        ("https://rp.example/cb?a=1", "diff_query", "what follows ?"),
        ("https://rp.example/cb ", "diff_space", "a space"),
        ("https://rp.example/callback", "diff_text", "character 21"),
        ("https://rp.example/c", "diff_text", "character 21"),
        ("", "diff_text", "character 1"),
    ],
)
def test_difference_is_told_in_words(sent, code, words):
    found = redirect_uri_difference(sent, ["https://else.example/there", "https://rp.example/cb"])
    assert found.code == code
    assert words in str(found)
    assert sent.strip() in str(found)


def test_difference_of_the_two_names_of_this_machine():
    found = redirect_uri_difference("http://localhost:8000/cb", ["http://127.0.0.1:8000/cb"])
    assert found.code == "diff_loopback"
    assert "http://127.0.0.1:8000/cb" in str(found)


def test_nothing_registered_is_told():
    assert redirect_uri_difference("https://rp.example/cb", []).code == "diff_none"


def test_control_characters_are_made_visible():
    found = redirect_uri_difference("https://rp.example/cb\r\n", ["https://rp.example/cb"])
    assert "\r" not in str(found)
    assert r"https://rp.example/cb\r\n" in str(found)
