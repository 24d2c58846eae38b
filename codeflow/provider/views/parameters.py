"""Input hygiene at one place: from a query or a form body to decoded pairs, or a clear refusal.

RFC 6749 3.1, 3.2 and appendix B; RFC 3986 2.1; RFC 9110 8.3, 8.4. Django's own parsing keeps the last of repeated parameters and
replaces what it cannot decode; neither may happen here.
"""

import re
from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from codeflow.core.errors import ContentTooLarge, InvalidRequest, UnsupportedMediaType

FORM = "application/x-www-form-urlencoded"
MAX_OCTETS = 128 * 1024
MAX_FIELDS = 200

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""No value of this protocol holds one; in a log line they would begin a new one (CWE-117)."""

_BAD_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")

Pairs = list[tuple[str, str]]


def query_parameters(request: HttpRequest) -> Pairs:
    """The query's parameters in order. Raises InvalidRequest or ContentTooLarge."""
    return _decode(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))


def form_parameters(request: HttpRequest) -> Pairs:
    """The form body's parameters in order. Raises InvalidRequest, UnsupportedMediaType or ContentTooLarge."""
    _check_media_type(request)
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_OCTETS:
            raise ContentTooLarge(reason="body_too_large")
        return _decode(request.body)
    except RequestDataTooBig as error:
        raise ContentTooLarge(reason="body_too_large") from error
    except (UnreadablePostError, ValueError) as error:
        raise InvalidRequest("The request's body cannot be read.", reason="unreadable_body") from error


def _check_media_type(request: HttpRequest) -> None:
    if not request.content_type:
        raise InvalidRequest("Content-Type is missing; send application/x-www-form-urlencoded.", reason="media_type")
    if request.content_type != FORM or request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType(reason="media_type")
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if charset not in ("utf-8", "us-ascii"):
        raise InvalidRequest("Send UTF-8.", reason="charset")  # RFC 6749 appendix B


def _decode(octets: bytes) -> Pairs:
    if len(octets) > MAX_OCTETS:
        raise ContentTooLarge(reason="too_large")
    if _BAD_PERCENT.search(octets):
        raise InvalidRequest("A percent sign is not followed by two hexadecimal digits.", reason="percent")
    try:
        return parse_qsl(octets.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise InvalidRequest("A parameter is not valid UTF-8.", reason="utf8") from error
    except ValueError as error:
        raise InvalidRequest("There are too many parameters.", reason="too_many") from error
