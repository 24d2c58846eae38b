"""From a query or a form body to decoded pairs."""

import io

import pytest
from django.test import RequestFactory

from codeflow.core.errors import ContentTooLarge, InvalidRequest, UnsupportedMediaType
from codeflow.provider.views.parameters import FORM, form_parameters, query_parameters


def with_query(query):
    return RequestFactory().get("/", QUERY_STRING=query)


def with_body(body, content_type=FORM, **more):
    return RequestFactory().generic("POST", "/", body, content_type=content_type, **more)


@pytest.mark.spec("RFC 6749", "B", "parameters are form-encoded UTF-8")
@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", []),
        ("a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        ("a=&b", [("a", ""), ("b", "")]),
        ("a=%C3%A9+x%2B", [("a", "é x+")]),
        ("a=1;b=2", [("a", "1;b=2")]),
    ],
)
def test_pairs_in_order_with_repetitions(text, pairs):
    assert query_parameters(with_query(text)) == pairs
    if text:  # the test client gives an empty body no media type
        assert form_parameters(with_body(text)) == pairs


@pytest.mark.spec("RFC 3986", "2.1", "a percent sign is followed by two hexadecimal digits")
@pytest.mark.parametrize("text", ["a=%", "a=%z", "a=%0", "%zz=1", "a=%ff", "a=%ed%a0%80", "&".join(["a=1"] * 201)])
def test_text_that_cannot_be_decoded(text):
    for read, request in ((query_parameters, with_query(text)), (form_parameters, with_body(text))):
        with pytest.raises(InvalidRequest):
            read(request)


def test_raw_bytes():
    assert query_parameters(with_query("a=é".encode().decode("latin-1"))) == [("a", "é")]
    with pytest.raises(InvalidRequest):
        query_parameters(with_query("a=\xff"))


@pytest.mark.parametrize(
    ("content_type", "error"),
    [
        ("application/json", UnsupportedMediaType),
        ("multipart/form-data; boundary=x", UnsupportedMediaType),
        (f"{FORM}; charset=utf-16", InvalidRequest),
        ("", InvalidRequest),
    ],
)
def test_other_media_types(content_type, error):
    with pytest.raises(error):
        form_parameters(with_body("a=1", content_type))


def test_charsets_that_are_utf8():
    for charset in ("utf-8", "UTF-8", "us-ascii"):
        assert form_parameters(with_body("a=1", f"{FORM}; charset={charset}")) == [("a", "1")]


def test_compressed_bodies():
    with pytest.raises(UnsupportedMediaType):
        form_parameters(with_body("a=1", HTTP_CONTENT_ENCODING="gzip"))


def test_large_inputs(settings):
    with pytest.raises(ContentTooLarge):
        query_parameters(with_query("a=" + "x" * 131_072))
    with pytest.raises(ContentTooLarge):
        form_parameters(with_body("a=" + "x" * 131_072))
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    with pytest.raises(ContentTooLarge):
        form_parameters(with_body("a=" + "x" * 100))


def test_length_that_is_none():
    request = with_body("a=1")
    request.META["CONTENT_LENGTH"] = "x"
    with pytest.raises(InvalidRequest) as refused:
        form_parameters(request)
    assert refused.value.reason == "unreadable_body"


def test_connection_that_breaks():
    class Broken(io.BytesIO):
        def read(self, *args):
            raise OSError

    request = with_body("a=1")
    request._stream = Broken()
    with pytest.raises(InvalidRequest) as refused:
        form_parameters(request)
    assert refused.value.reason == "unreadable_body"
