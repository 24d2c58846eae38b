import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeflow.core import uris

REGISTERED = "https://rp.example/cb"


# Issuer


@pytest.mark.spec("OIDC Discovery", "2", "an issuer is an https URL without query or fragment")
@pytest.mark.parametrize(
    ("issuer", "problem"),
    [
        ("https://op.example", ""),
        ("https://op.example/", ""),
        ("https://op.example:8443/tenant/a", ""),
        ("https://[2001:db8::1]/o", ""),
        ("http://op.example", "it must begin with https://"),
        ("http://localhost:8000/o", "it must begin with https://"),
        ("ftp://op.example", "it must begin with https://"),
        ("https://op.example?", "it holds a query or a fragment"),
        ("https://op.example?a=1", "it holds a query or a fragment"),
        ("https://op.example#", "it holds a query or a fragment"),
        ("https://user@op.example", "it holds user information"),
        ("https://user:pass@op.example", "it holds user information"),
        ("", "it is not an absolute URL"),
        ("op.example", "it is not an absolute URL"),
        ("//op.example", "it is not an absolute URL"),
        ("https://", "it is not an absolute URL"),
        ("https:///path", "it is not an absolute URL"),
        ("https://op.example:port", "it is not an absolute URL"),
        ("https://op.example:99999", "it is not an absolute URL"),
        ("https://[::1", "it is not an absolute URL"),
        ("https://op example", "it is not an absolute URL"),
        ("https://öp.example", "it is not an absolute URL"),
        ("https://op.example\n", "it is not an absolute URL"),
    ],
)
def test_issuer_problem(issuer, problem):
    assert uris.issuer_problem(issuer) == problem


@pytest.mark.parametrize(
    ("issuer", "accepted"),
    [
        ("http://localhost:8000/o", True),
        ("http://127.0.0.1/o", True),
        ("http://[::1]:8000", True),
        ("http://op.example", False),
        ("http://127.0.0.1.op.example", False),
        ("ftp://localhost", False),
    ],
)
def test_plain_http_issuer_is_accepted_on_a_loopback_host_when_asked_for(issuer, accepted):
    assert (uris.issuer_problem(issuer, http_loopback=True) == "") is accepted


@pytest.mark.spec("OIDC Discovery", "4", "well-known path comes after the issuer's path, one slash removed")
@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://op.example", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/o", "https://op.example/o/.well-known/openid-configuration"),
        ("https://op.example/o/", "https://op.example/o/.well-known/openid-configuration"),
    ],
)
def test_openid_configuration_url(issuer, url):
    assert uris.openid_configuration_url(issuer) == url


@pytest.mark.spec("RFC 8414", "3.1", "well-known path comes before the issuer's path")
@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://op.example", "https://op.example/.well-known/oauth-authorization-server"),
        ("https://op.example/", "https://op.example/.well-known/oauth-authorization-server"),
        ("https://op.example:8443/o", "https://op.example:8443/.well-known/oauth-authorization-server/o"),
        ("https://op.example/issuer1/", "https://op.example/.well-known/oauth-authorization-server/issuer1"),
    ],
)
def test_authorization_server_metadata_url(issuer, url):
    assert uris.authorization_server_metadata_url(issuer) == url


# Hosts


@pytest.mark.spec("RFC 8252", "7.3", "loopback interface literals")
@pytest.mark.parametrize(
    ("host", "is_host", "is_literal"),
    [
        ("localhost", True, False),
        ("LOCALHOST", True, False),
        ("127.0.0.1", True, True),
        ("127.1.2.3", True, True),
        ("::1", True, True),
        ("0.0.0.0", False, False),  # noqa: S104  an address under test
        ("10.0.0.1", False, False),
        ("localhost.example", False, False),
        ("127.1", False, False),
        ("", False, False),
        (None, False, False),
    ],
)
def test_loopback_hosts(host, is_host, is_literal):
    assert uris.is_loopback_host(host) is is_host
    assert uris.is_loopback_literal(host) is is_literal


# Matching a redirect_uri


@pytest.mark.spec("RFC 9700", "4.1.3", "redirect_uri is compared as a string")
@pytest.mark.spec("OIDC Core", "3.1.2.1", "redirect_uri exactly matches a registered one")
@pytest.mark.parametrize("public_client", [False, True])
@pytest.mark.parametrize(
    "redirect_uri",
    [
        pytest.param("https://rp.example/cb/x", id="RU-01"),
        pytest.param("https://rp.example/cb/", id="final slash"),
        pytest.param("https://rp.example/cb?a=b", id="RU-03"),
        pytest.param("https://rp.example/cb?", id="RU-03 empty query"),
        pytest.param("https://rp.example/cb#f", id="RU-05"),
        pytest.param("http://rp.example/cb", id="RU-06"),
        pytest.param("https://RP.example/cb", id="RU-07"),
        pytest.param("HTTPS://rp.example/cb", id="RU-07 scheme"),
        pytest.param("https://rp.example/CB", id="RU-08"),
        pytest.param("https://evil@rp.example/cb", id="RU-10"),
        pytest.param("https://rp.example:443/cb", id="RU-11"),
        pytest.param("https://rp.example:8443/cb", id="RU-12"),
        pytest.param("https://rp.example:/cb", id="RU-12 empty port"),
        pytest.param("https://rp.example/cb/../evil", id="RU-15"),
        pytest.param("https://rp.example/cb/%2e%2e/evil", id="RU-15 encoded"),
        pytest.param("https://rp.example/%63b", id="RU-17"),
        pytest.param("https://rp.example\\@evil.com/cb", id="RU-18"),
        pytest.param("https://rp.example/cb\r", id="RU-19 CR"),
        pytest.param("https://rp.example/cb\n", id="RU-19 LF"),
        pytest.param("https://rp.example/cb\t", id="RU-19 TAB"),
        pytest.param("https://rp.example/cb\x00", id="RU-19 NUL"),
        pytest.param("https://rp.example/c\nb", id="RU-19 LF inside"),
        pytest.param("javascript:alert(1)", id="RU-20"),
        pytest.param("/cb", id="RU-21"),
        pytest.param("//rp.example/cb", id="RU-21 protocol-relative"),
        pytest.param(" https://rp.example/cb", id="RU-22 leading"),
        pytest.param("https://rp.example/cb ", id="RU-22 trailing"),
        pytest.param("https://rp.exаmple/cb", id="RU-23"),
        pytest.param("https://rp.example/cb" + "x" * 9000, id="RU-24"),
        pytest.param("", id="RU-26"),
        pytest.param("myapp:/cb", id="RU-36"),
    ],
)
def test_unregistered_redirect_uri_does_not_match(redirect_uri, public_client):
    assert not uris.redirect_uri_matches(
        redirect_uri, [REGISTERED, "https://rp.example/two"], public_client=public_client
    )


@pytest.mark.spec("RFC 9700", "4.1.3", "redirect_uri is compared as a string")
@pytest.mark.parametrize("public_client", [False, True])
@pytest.mark.parametrize("redirect_uri", [REGISTERED, "https://rp.example/cb?a=1", "com.example.app:/cb"])
def test_registered_redirect_uri_matches(redirect_uri, public_client):
    registered = [REGISTERED, "https://rp.example/cb?a=1", "com.example.app:/cb"]
    assert uris.redirect_uri_matches(redirect_uri, registered, public_client=public_client)
    assert uris.redirect_uri_matches(redirect_uri, iter(registered), public_client=public_client)


@pytest.mark.spec("RFC 8252", "7.3", "the port of a loopback redirect_uri may vary, for public clients")
@pytest.mark.parametrize(
    ("redirect_uri", "registered", "matches"),
    [
        pytest.param("http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", True, id="RU-29"),
        pytest.param("http://127.0.0.1/cb", "http://127.0.0.1:8000/cb", True, id="RU-29 no port"),
        pytest.param("http://[::1]:51004/cb", "http://[::1]:1/cb", True, id="RU-29 IPv6"),
        pytest.param("http://127.0.0.1:51004", "http://127.0.0.1", True, id="RU-29 no path"),
        pytest.param("http://127.0.0.1:51004/cb?a=1", "http://127.0.0.1/cb?a=1", True, id="RU-29 query"),
        pytest.param("http://127.0.0.1:51004/other", "http://127.0.0.1/cb", False, id="RU-29 another path"),
        pytest.param("http://127.0.0.1:51004/cb?a=2", "http://127.0.0.1/cb?a=1", False, id="RU-29 another query"),
        pytest.param("http://127.0.0.1:51004/cb#f", "http://127.0.0.1/cb", False, id="RU-29 fragment"),
        pytest.param("http://127.0.0.1:51004/", "http://127.0.0.1", False, id="RU-29 slash"),
        pytest.param("http://127.0.0.1:0/cb", "http://127.0.0.1/cb", False, id="RU-29 port 0"),
        pytest.param("http://127.0.0.1:65536/cb", "http://127.0.0.1/cb", False, id="RU-29 port out of range"),
        pytest.param("http://127.0.0.1:/cb", "http://127.0.0.1/cb", False, id="RU-29 empty port"),
        pytest.param("http://127.0.0.1:８０/cb", "http://127.0.0.1/cb", False, id="RU-29 digits that are not ASCII"),
        pytest.param("http://127.0.0.1:80@evil.com/cb", "http://127.0.0.1/cb", False, id="RU-29 user information"),
        pytest.param("http://127.0.0.1:80\\@evil.com/cb", "http://127.0.0.1/cb", False, id="RU-29 backslash"),
        pytest.param("http://127.0.0.2:80/cb", "http://127.0.0.1/cb", False, id="RU-29 another address"),
        pytest.param("http://[::1]:80/cb", "http://127.0.0.1/cb", False, id="RU-29 another family"),
        pytest.param("https://127.0.0.1:80/cb", "https://127.0.0.1/cb", False, id="RU-29 https"),
        pytest.param("http://localhost:80/cb", "http://127.0.0.1/cb", False, id="RU-30"),
        pytest.param("http://localhost:80/cb", "http://localhost/cb", False, id="RU-30 the name itself registered"),
    ],
)
def test_port_of_a_loopback_literal_may_vary_for_a_public_client_alone(redirect_uri, registered, matches):
    assert uris.redirect_uri_matches(redirect_uri, [REGISTERED, registered], public_client=True) is matches
    assert not uris.redirect_uri_matches(redirect_uri, [REGISTERED, registered], public_client=False)


@given(st.text(max_size=80))
def test_judging_an_issuer_never_raises(text):
    uris.issuer_problem(text)
    uris.origin_of(text)


@given(st.text(max_size=60))
def test_matching_never_raises(redirect_uri):
    uris.redirect_uri_matches("http://127.0.0.1:" + redirect_uri, ["http://127.0.0.1/cb"], public_client=True)


# Answers


@pytest.mark.spec("RFC 6749", "3.1.2", "the query of a redirect_uri is kept when parameters are added")
@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://rp.example/cb", "https://rp.example/cb?code=c+d&state=%26"),
        pytest.param("https://rp.example/cb?a=1", "https://rp.example/cb?a=1&code=c+d&state=%26", id="RU-32"),
        pytest.param(
            "https://rp.example/cb?a=%7e", "https://rp.example/cb?a=%7e&code=c+d&state=%26", id="RU-32 as it is"
        ),
        ("https://rp.example/cb?", "https://rp.example/cb?code=c+d&state=%26"),
        ("https://rp.example/cb?a=1&", "https://rp.example/cb?a=1&code=c+d&state=%26"),
        ("com.example.app:/cb", "com.example.app:/cb?code=c+d&state=%26"),
    ],
)
def test_parameters_are_appended_to_the_query(uri, expected):
    assert uris.add_parameters(uri, {"code": "c d", "state": "&"}) == expected


def test_nothing_is_appended_where_there_is_no_parameter():
    assert uris.add_parameters("https://rp.example/cb?a=1", {}) == "https://rp.example/cb?a=1"


@pytest.mark.spec("RFC 6454", "6.1", "serialisation of an origin")
@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://RP.example/cb?a=1", "https://rp.example"),
        ("https://rp.example:443/", "https://rp.example"),
        ("http://rp.example:80", "http://rp.example"),
        ("http://rp.example:443", "http://rp.example:443"),
        ("https://rp.example:8443", "https://rp.example:8443"),
        ("http://[::1]:8001/cb", "http://[::1]:8001"),
        ("com.example.app:/cb", ""),
        ("/cb", ""),
        ("https://rp.example:x", ""),
    ],
)
def test_origin_of(uri, origin):
    assert uris.origin_of(uri) == origin
