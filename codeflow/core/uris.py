"""Rules for issuer identifiers and redirect URIs.

Issuer: OIDC Discovery 2, 4.1; RFC 8414 2, 3. Redirect URIs: RFC 6749 3.1.2; RFC 9700 2.1, 4.1; RFC 8252 7.3.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, urlencode, urlsplit

MAX_REDIRECT_URI = 2000
"""Characters; longer ones are neither registered nor looked at."""

RESPONSE_PARAMETERS = frozenset({"code", "state", "iss", "error", "error_description", "error_uri", "response"})
"""What an authorization response adds; a registered redirect_uri may not hold them already (RFC 9700 4.1)."""

_URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


def is_loopback_host(host: str | None) -> bool:
    """True for `localhost` and the loopback literals of IPv4 and IPv6 (RFC 8252 7.3, 8.3)."""
    if not host:
        return False
    return host.lower() == "localhost" or is_loopback_literal(host)


def is_loopback_literal(host: str | None) -> bool:
    """True for an IP literal of the loopback interface; a name is none, whatever it resolves to (RFC 8252 7.3)."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_uri_text(text: str) -> bool:
    """Whether it holds the characters of a URI alone, and at least one (RFC 3986 2)."""
    return _URI_CHARACTERS.fullmatch(text) is not None


def split_uri(uri: str) -> SplitResult | None:
    """The parts of an absolute URI, or None where it is none: wrong characters, no scheme, unreadable host or port."""
    if not is_uri_text(uri):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts if parts.scheme else None


def issuer_problem(issuer: str, *, http_loopback: bool = False) -> str:
    """Why `issuer` cannot be an issuer identifier, or "" (Discovery 2: https, host, no query, no fragment).

    `http_loopback` also allows plain http on a loopback host.
    """
    parts = split_uri(issuer)
    if parts is None or not parts.hostname:
        return "it is not an absolute URL"
    if parts.scheme != "https" and not (parts.scheme == "http" and http_loopback and is_loopback_host(parts.hostname)):
        return "it must begin with https://"
    if parts.username is not None or parts.password is not None:
        return "it holds user information"
    if "?" in issuer or "#" in issuer:
        return "it holds a query or a fragment"
    return ""


def openid_configuration_url(issuer: str) -> str:
    """Where an issuer's OpenID metadata is (Discovery 4: one trailing slash is removed first)."""
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


def authorization_server_metadata_url(issuer: str) -> str:
    """Where an issuer's RFC 8414 metadata is: the well-known part stands before the issuer's path (RFC 8414 3.1)."""
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{parts.path.removesuffix('/')}"


def redirect_uri_matches(redirect_uri: str, registered: Iterable[str], *, public_client: bool) -> bool:
    """Simple string comparison with one of `registered` (RFC 9700 2.1; RFC 3986 6.2.1).

    For a public client the port of an http loopback literal may vary (RFC 8252 7.3; RFC 9700 4.1.3).
    """
    candidates = list(registered)
    if redirect_uri in candidates:
        return True
    if not public_client or len(redirect_uri) > MAX_REDIRECT_URI:
        return False
    without_port = _loopback_without_port(redirect_uri)
    return without_port is not None and any(without_port == _loopback_without_port(uri) for uri in candidates)


def _loopback_without_port(uri: str) -> tuple[str, str] | None:
    match = re.fullmatch(r"http://(127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?(/[^#]*)?", uri)
    if match is None or (match[2] is not None and not 0 < int(match[2]) < 65536):
        return None
    return match[1], match[3] or ""


def add_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """`uri` with `parameters` appended to its query, what it holds kept byte for byte (RFC 6749 3.1.2, 4.1.2)."""
    separator = "&" if "?" in uri else "?"
    if uri.endswith(("?", "&")):
        separator = ""
    return f"{uri}{separator}{urlencode(parameters)}" if parameters else uri


def origin_of(uri: str) -> str:
    """scheme://host[:port] in lower case, default ports left out (RFC 6454 6.1); "" where `uri` has none."""
    parts = split_uri(uri)
    if parts is None or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
