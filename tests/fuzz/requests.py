"""Requests of every kind: good ones bent in one place, and noise. Values are mixed from what endpoints wait for and what hurts parsers."""

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

NAMES = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "claims",
    "acr_values",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "display",
    "response_mode",
    "request",
    "request_uri",
    "registration",
    "resource",
    "grant_type",
    "code",
    "code_verifier",
    "refresh_token",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "token",
    "token_type_hint",
    "access_token",
    "post_logout_redirect_uri",
    "logout_hint",
    "confirmed",
    "decision",
    "allow",
    "resume",
    "next",
    "username",
    "password",
    "error",
    "error_description",
    "iss",
    "sid",
    "logout_token",
    "target_link_uri",
    "q",
    "p",
    "o",
    "action",
    "_selected_action",
    "select_across",
    "index",
    "_popup",
    "_to_field",
    "name",
    "redirect_uris",
    "client_type",
    "everywhere",
    "length",
    "overlap",
]

DEEP = "[" * 5_000
NASTY = (
    "", " ", "\x00", "a\x00b", "\r\nSet-Cookie: x=y", "\x7f", "\u202e", "\ud83d\ude00", "é", "\ufeff", "<script>alert(1)</script>", '"', "'", "\\",
    "%", "%00", "%zz", "{}", "[]", "null", "-1", "0", "1e309", "9" * 400, "99999999999999999999", "1.5", "NaN", "a" * 9_000, "../../etc/passwd",
    "javascript:alert(1)", "https://evil.example/", "//evil.example", "http://[", "https://[::1", "http://127.0.0.1:0/", "data:text/html,x",
    "{{7*7}}", "${7*7}", "' OR 1=1--", DEEP, '{"a":' * 300, '{"id_token":{"acr":{"values":[[]]}}}', '{"userinfo":[]}', "eyJhbGciOiJub25lIn0.e30.",
    "e30.e30.e30", "..", "a.b.c", "none login", "code id_token", "openid openid", "S256", "plain",
)  # fmt: skip
MEDIA = (
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded; charset=x",
    "multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=", "application/json", "text/plain", "", ";", "a/b/c", "é",
)  # fmt: skip
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW")

HEADERS = (
    "Authorization", "Origin", "Accept", "Accept-Language", "Content-Encoding", "Referer", "X-Forwarded-For", "Access-Control-Request-Method",
    "If-None-Match", "If-Modified-Since", "Range", "X-Requested-With", "DPoP", "Cookie",
)  # fmt: skip
AUTHORIZATIONS = (
    "Basic", "Basic !", "Basic Og==", "Basic AAAA", "Basic /////w==", "Bearer", "Bearer x", "Bearer a b", "Digest x", "DPoP x", "é", ",", "x" * 9_000,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raw:
    """As it goes on the wire."""

    method: str
    path_value: str
    path_ending: str
    query: bytes
    headers: dict[str, str]
    media_type: str
    body: bytes


def raw_requests(good: dict[str, list[str]]) -> st.SearchStrategy[Raw]:
    """`good` are values that some endpoint takes, by name."""
    return st.builds(
        Raw,
        method=st.sampled_from(("GET", "POST", *METHODS)),
        path_value=st.sampled_from(("1", "0", "x", "acme", "../x", "%00", "9" * 30, "1_2", "é", "a/b")),
        path_ending=st.sampled_from(("", "", "", "/", "%0a", "/x")),
        query=st.one_of(st.just(b""), _encoded(good), st.binary(max_size=60)),
        headers=st.dictionaries(st.sampled_from(HEADERS), _header_values(), max_size=3),
        media_type=st.one_of(st.just(MEDIA[0]), st.sampled_from(MEDIA)),
        body=st.one_of(st.just(b""), _encoded(good), _json(), _multipart(good), _many(), st.binary(max_size=200)),
    )


def _values() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(NASTY), st.text(max_size=20))


def _pairs(good: dict[str, list[str]]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Much that is right, something that is not."""
    right = st.sampled_from([(name, value) for name, values in good.items() for value in values])
    wrong = st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), _values())
    whole = st.just([(name, values[0]) for name, values in good.items()])
    return st.builds(
        lambda base, more: [*base, *more], st.one_of(whole, st.just([])), st.lists(st.one_of(right, wrong), max_size=6)
    )


def _encoded(good: dict[str, list[str]]) -> st.SearchStrategy[bytes]:
    plain = _pairs(good).map(lambda pairs: urlencode(pairs, errors="surrogatepass").encode())
    half = _pairs(good).map(
        lambda pairs: "&".join(f"{name}={quote(value, errors='replace')[:-1]}" for name, value in pairs).encode(
            "utf-8", "replace"
        )
    )
    bare = _pairs(good).map(
        lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "surrogatepass")
    )
    return st.one_of(plain, plain, half, bare)


def _json() -> st.SearchStrategy[bytes]:
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), _values())
    trees = st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
        ),
        max_leaves=8,
    )
    return st.one_of(
        trees.map(lambda tree: json.dumps(tree).encode()), st.just(DEEP.encode()), st.just(b'{"a":1,"a":2}')
    )


def _multipart(good: dict[str, list[str]]) -> st.SearchStrategy[bytes]:
    def whole(pairs: list[tuple[str, str]]) -> bytes:
        parts = (f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs)
        return "".join([*parts, "--b--\r\n"]).encode("utf-8", "surrogatepass")

    return _pairs(good).map(whole)


def _many() -> st.SearchStrategy[bytes]:
    return st.sampled_from((300, 3_000)).map(lambda number: b"&".join(b"p%d=1" % place for place in range(number)))


def _header_values() -> st.SearchStrategy[str]:
    """Without NUL, CR and LF, which every server refuses before Django sees them (RFC 9110 5.5)."""
    return st.one_of(
        st.sampled_from(AUTHORIZATIONS),
        st.sampled_from([value for value in NASTY if len(value) < 9_001 and value.isascii()]),
        st.sampled_from(
            ("https://shop.example", "null", "gzip", "POST", "en;q=x", "de", "XMLHttpRequest", "bytes=0-1", '"x"')
        ),
    ).map(lambda value: value.translate(dict.fromkeys(map(ord, "\r\n\x00"), " ")))
