"""What may be registered as a redirect_uri, and what each refusal says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeflow.core.redirect_uri_advice import redirect_uri_difference, redirect_uri_warnings
from codeflow.core.redirect_uris import redirect_uri_problem
from codeflow.core.uris import MAX_REDIRECT_URI

REGISTERED = "https://rp.example/cb"


@pytest.mark.spec("RFC 6749", "3.1.2", "a redirect_uri is an absolute URI without a fragment")
@pytest.mark.spec("RFC 9700", "2.1", "what a redirect_uri may be")
@pytest.mark.parametrize(
    "redirect_uri",
    [
        REGISTERED,
        "https://rp.example",
        "https://rp.example/",
        "https://rp.example:8443/cb",
        "https://rp.example/cb?a=1",
        "https://rp.example/cb?a=1&state_of_things=2",
        "https://rp.example/%63b",
        "https://xn--rp-fka.example/cb",
        "https://rp.example/a..b/...",
        "http://127.0.0.1:8001/auth/callback/demo/",
        "http://[::1]/cb",
        "http://localhost/cb",
        "https://rp.example/" + "x" * (MAX_REDIRECT_URI - 19),
    ],
)
def test_redirect_uri_may_be_registered(redirect_uri):
    assert redirect_uri_problem(redirect_uri) is None


@pytest.mark.spec("RFC 6749", "3.1.2", "a redirect_uri is an absolute URI without a fragment")
@pytest.mark.spec("RFC 9700", "2.1", "what a redirect_uri may be")
@pytest.mark.parametrize(
    ("redirect_uri", "code"),
    [
        pytest.param("https://rp.example/cb#f", "fragment", id="RU-34 fragment"),
        pytest.param("https://rp.example/cb#", "fragment", id="RU-34 empty fragment"),
        pytest.param("https://evil@rp.example/cb", "user_information", id="RU-34 user"),
        pytest.param("https://a:b@rp.example/cb", "user_information", id="RU-34 user and password"),
        pytest.param("https://@rp.example/cb", "user_information", id="RU-34 empty user"),
        pytest.param("https://*.rp.example/cb", "wildcard", id="RU-34 wildcard host"),
        pytest.param("https://rp.example/*", "wildcard", id="RU-34 wildcard path"),
        pytest.param("https://rp.example/cb/../evil", "dot_segments", id="RU-34 dot segments"),
        pytest.param("https://rp.example/cb/..", "dot_segments", id="RU-34 dot segments at the end"),
        pytest.param("https://rp.example/./cb", "dot_segments", id="RU-34 single dot"),
        pytest.param("https://rp.example/cb/%2e%2E/evil", "dot_segments", id="RU-34 encoded dot segments"),
        pytest.param("https://rp.example/cb/.%2e/evil", "dot_segments", id="RU-34 half encoded dot segments"),
        pytest.param("http://rp.example/cb", "http", id="RU-34 http"),
        pytest.param("http://127.0.0.1.rp.example/cb", "http", id="RU-34 http, a name that looks like loopback"),
        pytest.param("http://0.0.0.0/cb", "http", id="RU-34 http, any address"),
        pytest.param("javascript:alert(1)", "scheme", id="RU-20 javascript"),
        pytest.param("JavaScript:alert(1)", "scheme", id="RU-20 javascript in another case"),
        pytest.param("javascript://rp.example/%0Aalert(1)", "scheme", id="RU-20 javascript with a host"),
        pytest.param("data:text/html,x", "scheme", id="RU-20 data"),
        pytest.param("vbscript:x", "scheme", id="RU-20 vbscript"),
        pytest.param("file:///etc/passwd", "scheme", id="RU-20 file"),
        pytest.param("blob:https://rp.example/x", "scheme", id="RU-20 blob"),
        pytest.param("about:blank", "scheme", id="RU-20 about"),
        pytest.param("ftp://rp.example/cb", "scheme", id="ftp"),
        pytest.param("https://rp.example/" + "x" * 2000, "too_long", id="RU-34 too long"),
        pytest.param("/cb", "no_scheme", id="RU-21 relative"),
        pytest.param("//evil.example/cb", "no_scheme", id="RU-21 protocol-relative"),
        pytest.param("rp.example/cb", "no_scheme", id="host and path"),
        pytest.param("127.0.0.1:8000/cb", "no_scheme", id="address and port"),
        pytest.param("localhost:8001/cb", "no_scheme", id="a host and port read as a scheme"),
        pytest.param("", "no_scheme", id="empty"),
        pytest.param("https:///cb", "no_host", id="no host"),
        pytest.param("https:cb", "no_scheme", id="no slashes"),
        pytest.param("https://rp.example:/cb", "empty_port", id="RU-12 empty port"),
        pytest.param("https://rp.example:99999/cb", "unreadable", id="port out of range"),
        pytest.param("https://rp.example:x/cb", "unreadable", id="port is no number"),
        pytest.param("https://[::1/cb", "unreadable", id="half an IPv6 literal"),
        pytest.param(" https://rp.example/cb", "whitespace", id="RU-22 leading space"),
        pytest.param("https://rp.example/cb ", "whitespace", id="RU-22 trailing space"),
        pytest.param("https://rp.example/cb\u00a0", "whitespace", id="RU-22 trailing no-break space"),
        pytest.param("https://rp.example/cb\r", "whitespace", id="RU-19 CR"),
        pytest.param("https://rp.example/cb\n", "whitespace", id="RU-19 LF"),
        pytest.param("https://rp.example/c\tb", "whitespace", id="RU-19 TAB"),
        pytest.param("https://rp.example/c\x00b", "whitespace", id="RU-19 NUL"),
        pytest.param("https://rp.example\\@evil.example/cb", "characters", id="RU-18 backslash"),
        pytest.param("https://rp.exаmple/cb", "characters", id="RU-23 homograph"),
        pytest.param("https://rp.example/<script>", "characters", id="markup"),
        pytest.param("https://rp.example/c%zz", "percent", id="malformed percent-encoding"),
        pytest.param("https://rp.example/cb%", "percent", id="percent at the end"),
        pytest.param("https://rp.example/cb?code=evil", "response_parameter", id="RU-33 code"),
        pytest.param("https://rp.example/cb?a=1&state=evil", "response_parameter", id="RU-33 state"),
        pytest.param("https://rp.example/cb?error", "response_parameter", id="RU-33 error without a value"),
        pytest.param("https://rp.example/cb?iss=", "response_parameter", id="RU-33 iss"),
        pytest.param("https://rp.example/cb?response=x", "response_parameter", id="RU-33 response"),
        pytest.param("https://rp.example/cb?%63ode=evil", "response_parameter", id="RU-33 code, percent-encoded"),
        pytest.param("myapp:/cb", "no_scheme", id="RU-36 scheme that is no reversed domain"),
        pytest.param("myapp://cb", "scheme", id="RU-36 the same with two slashes"),
        pytest.param("com.example.app:/cb", "scheme", id="RU-36 private-use scheme of a confidential client"),
    ],
)
def test_redirect_uri_may_not_be_registered(redirect_uri, code):
    problem = redirect_uri_problem(redirect_uri)
    assert problem is not None
    assert problem.code == code


@pytest.mark.spec("RFC 8252", "7.1", "private-use schemes are reversed domain names of public clients")
@pytest.mark.parametrize(
    ("redirect_uri", "code"),
    [
        ("com.example.app:/cb", None),
        ("com.example.app://cb/x", None),
        ("com.example.app:/cb?code=1", "response_parameter"),
        ("myapp://cb", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://rp.example/cb", "http"),
    ],
)
def test_redirect_uri_of_a_public_client(redirect_uri, code):
    problem = redirect_uri_problem(redirect_uri, public_client=True)
    assert (problem and problem.code) == code


def test_missing_scheme_is_told_with_the_address_that_was_meant():
    assert "Did you mean http://127.0.0.1:8000/cb?" in str(redirect_uri_problem("127.0.0.1:8000/cb"))
    assert "Did you mean https://rp.example/cb?" in str(redirect_uri_problem("rp.example/cb"))


@given(st.text(max_size=80) | st.from_regex(r"https://[a-z.:@\[\]0-9\\/?#&=%]{0,40}", fullmatch=True))
def test_judging_a_redirect_uri_never_raises(redirect_uri):
    redirect_uri_problem(redirect_uri)
    redirect_uri_problem(redirect_uri, public_client=True)
    assert redirect_uri_warnings(redirect_uri) is not None
    assert str(redirect_uri_difference(redirect_uri, [REGISTERED]))


@pytest.mark.parametrize(
    ("redirect_uri", "code", "fix"),
    [
        ("rp.example/cb", "no_scheme", "https://rp.example/cb"),
        ("//rp.example/cb", "no_scheme", "https://rp.example/cb"),
        ("localhost:8001/cb", "no_scheme", "http://localhost:8001/cb"),
        ("[::1]:8001/cb", "no_scheme", "https://[::1]:8001/cb"),
        ("/cb", "no_scheme", "https://your.host/cb"),
        ("https//rp.example/cb", "no_scheme", "https://rp.example/cb"),
        ("htps://rp.example/cb", "scheme", "https://rp.example/cb"),
        ("https:/rp.example/cb", "no_scheme", "https://rp.example/cb"),
        ("http://rp.example/cb", "http", "https://rp.example/cb"),
        ("https:///rp.example/cb", "no_host", "https://rp.example/cb"),
        ("https://rp.example/cb#part", "fragment", "https://rp.example/cb"),
        ("https://user:word@rp.example/cb", "user_information", "https://rp.example/cb"),
        ("https://rp.example:/cb", "empty_port", "https://rp.example/cb"),
        ("https://rp.example/cb\r", "whitespace", "https://rp.example/cb"),
        ("https://rp.example/a/../cb", "dot_segments", "https://rp.example/cb"),
        ("https://rp.example/a/%2e%2e/./cb", "dot_segments", "https://rp.example/cb"),
        ("'https://rp.example/cb'", "quotes", "https://rp.example/cb"),
        ("<https://rp.example/cb>", "quotes", "https://rp.example/cb"),
        ("https://bücher.example/cb", "characters", "https://xn--bcher-kva.example/cb"),
        ("https://rp.example/bücher", "characters", "https://rp.example/b%C3%BCcher"),
        ("https:\\\\rp.example\\cb", "characters", "https://rp.example/cb"),
        ("https://rp.example/*", "wildcard", "in full"),
        ("https://a.example/cb,https://b.example/cb", "several", "one per line"),
        ("https://rp.example:99999/cb", "unreadable", "65535"),
        ("https://rp.example/100%", "percent", "%25"),
        ("https://rp.example/cb?state=1", "response_parameter", "state"),
        ("com.example.app:/cb", "scheme", "public"),
        ("myapp://cb", "scheme", "com.example.app:/cb"),
        ("javascript:alert(1)", "scheme", "https://"),
        ("https://rp.example/" + "x" * 2000, "too_long", "2000"),
    ],
)
def test_refusal_names_the_value_and_the_fix(redirect_uri, code, fix):
    problem = redirect_uri_problem(redirect_uri)
    assert problem is not None
    assert problem.code == code
    assert repr(redirect_uri)[1:20].strip("'").replace("\\\\", "\\") in str(problem)
    assert fix in str(problem).removeprefix(problem.params["uri"])


def test_suggested_address_can_be_registered():
    for given_uri in (
        "rp.example/cb",
        "https://rp.example/cb#f",
        "https://u@rp.example/cb",
        "https://rp.example/a/../cb",
    ):
        assert redirect_uri_problem(redirect_uri_problem(given_uri).params["fix"]) is None
