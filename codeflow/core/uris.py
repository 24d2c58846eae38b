"""Rules for issuer identifiers and redirect URIs.

Issuer: OIDC Discovery 2, 4.1; RFC 8414 2, 3. Redirect URIs: RFC 6749 3.1.2; RFC 9700 2.1, 4.1; RFC 8252 7.3.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

MAX_REDIRECT_URI = 2000
"""Characters; longer ones are neither registered nor looked at."""

RESPONSE_PARAMETERS = frozenset({"code", "state", "iss", "error", "error_description", "error_uri", "response"})
"""What an authorization response adds; a registered redirect_uri may not hold them already (RFC 9700 4.1)."""

_URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_DANGEROUS_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})
_PRIVATE_USE_SCHEME = re.compile(r"[a-z][a-z0-9+\-]*(\.[a-z0-9+\-]+)+")


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


def split_uri(uri: str) -> SplitResult | None:
    """The parts of an absolute URI, or None where it is none: wrong characters, no scheme, unreadable host or port."""
    if not _URI_CHARACTERS.fullmatch(uri):
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


def redirect_uri_problem(redirect_uri: str, *, public_client: bool = False) -> tuple[str, str] | None:
    """Why a redirect_uri may not be registered: (code, sentence), or None where it may.

    RFC 6749 3.1.2; RFC 9700 2.1, 4.1.1. https everywhere; http on a loopback host; a private-use scheme (RFC 8252 7.1,
    a reversed domain name) for public clients alone.
    """
    problem = _text_problem(redirect_uri)
    if problem:
        return problem
    parts = split_uri(redirect_uri)
    if parts is None or _is_no_scheme(parts.scheme, redirect_uri):
        if "://" in redirect_uri.lstrip("/"):
            return "unreadable", "Its host or port cannot be read."
        return "no_scheme", f"It has no scheme. Did you mean https://{redirect_uri.lstrip('/')}?"
    if "#" in redirect_uri:
        return "fragment", "It holds a fragment (#)."
    if parts.scheme in ("http", "https"):
        problem = _web_redirect_uri_problem(redirect_uri, parts)
        if problem:
            return problem
    elif parts.scheme in _DANGEROUS_SCHEMES or not _PRIVATE_USE_SCHEME.fullmatch(parts.scheme):
        return "scheme", f"The scheme {parts.scheme}: cannot be used."
    elif not public_client:
        return "scheme", f"The scheme {parts.scheme}: is for apps on a device; register the client as public."
    taken = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} & RESPONSE_PARAMETERS)
    if taken:
        return "response_parameter", f"Its query already holds {', '.join(taken)}, which the answer adds."
    return None


def _text_problem(redirect_uri: str) -> tuple[str, str] | None:
    if len(redirect_uri) > MAX_REDIRECT_URI:
        return "too_long", f"It is longer than {MAX_REDIRECT_URI} characters."
    if redirect_uri != redirect_uri.strip() or re.search(r"[\x00-\x20\x7f]", redirect_uri):
        return "whitespace", "It holds a space or a control character."
    if "*" in redirect_uri:
        return "wildcard", "It holds a wildcard. Register each address in full."
    if redirect_uri and not _URI_CHARACTERS.fullmatch(redirect_uri):
        return (
            "characters",
            "It holds a character that no URI may hold. Write an international host in punycode (xn--).",
        )
    return None


def _is_no_scheme(scheme: str, redirect_uri: str) -> bool:
    """True where what looks like a scheme is a host before its port (localhost:8000/cb)."""
    return "://" not in redirect_uri and scheme not in _DANGEROUS_SCHEMES and "." not in scheme


def _web_redirect_uri_problem(redirect_uri: str, parts: SplitResult) -> tuple[str, str] | None:
    if not parts.hostname:
        return "no_host", "It has no host."
    if parts.username is not None or parts.password is not None:
        return "user_information", "It holds user information (the part before @)."
    if parts.netloc.endswith(":"):
        return "empty_port", "A colon follows the host, but no port."
    if parts.scheme == "http" and not is_loopback_host(parts.hostname):
        return "http", "Use https. Codes sent over http can be read on the way."
    if _has_dot_segments(parts.path):
        return "dot_segments", "Its path holds . or .. segments."
    if re.search(r"%(?![0-9A-Fa-f]{2})", redirect_uri):
        return "percent", "A % is not followed by two hexadecimal digits."
    return None


def _has_dot_segments(path: str) -> bool:
    decoded = re.sub("%2e", ".", path, flags=re.IGNORECASE)
    return any(segment in (".", "..") for segment in decoded.split("/"))


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
