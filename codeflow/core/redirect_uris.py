"""What is wrong with a redirect_uri, in words, with the way to mend it.

RFC 6749 3.1.2; RFC 9700 2.1, 4.1.1; RFC 8252 7.1, 7.3.
"""

import re
from difflib import get_close_matches
from urllib.parse import SplitResult, parse_qsl, quote

from codeflow.core.uri_notes import UriNote, gettext_noop, note, shown
from codeflow.core.uris import MAX_REDIRECT_URI, RESPONSE_PARAMETERS, is_loopback_host, is_uri_text, split_uri

_ = gettext_noop

_DANGEROUS_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})
_PRIVATE_USE_SCHEME = re.compile(r"[a-z][a-z0-9+\-]*(\.[a-z0-9+\-]+)+")
_SEVERAL = re.compile(r"[,;|]\s*(?=[a-z]+://)", re.IGNORECASE)
_QUOTES = "\"'`<>(){}“”‘’«»"


def redirect_uri_problem(redirect_uri: str, *, public_client: bool = False) -> UriNote | None:
    """Why a redirect_uri may not be registered, or None where it may. Every sentence names the value and the fix.

    https everywhere; http on a loopback host; a private-use scheme (RFC 8252 7.1, a reversed domain name) for public
    clients alone.
    """
    found = _text_problem(redirect_uri)
    if found:
        return found
    parts = split_uri(redirect_uri)
    if parts is None or _is_no_scheme(parts.scheme, redirect_uri):
        return _unreadable(redirect_uri)
    if "#" in redirect_uri:
        bare = redirect_uri.partition("#")[0]
        return note(
            "fragment", _("%(uri)s holds a fragment. Remove # and what follows: %(fix)s"), redirect_uri, fix=bare
        )
    if parts.scheme in ("http", "https"):
        found = _web_problem(redirect_uri, parts)
    else:
        found = _scheme_problem(redirect_uri, parts.scheme, public_client=public_client)
    return found or _query_problem(redirect_uri, parts)


def _text_problem(uri: str) -> UriNote | None:
    if len(uri) > MAX_REDIRECT_URI:
        return note(
            "too_long", _("%(uri)s is longer than %(most)s characters. Shorten it."), uri, most=str(MAX_REDIRECT_URI)
        )
    if uri != uri.strip():
        message = _("%(uri)s begins or ends with a space or a line break. Remove it: %(fix)s")
        return note("whitespace", message, uri, fix=shown(uri.strip()))
    if re.search(r"[\x00-\x20\x7f]", uri):
        message = _("%(uri)s holds a space or a control character. Remove it, and write one address per line.")
        return note("whitespace", message, uri)
    if _SEVERAL.search(uri):
        return note("several", _("%(uri)s holds several addresses. Write one per line, without commas."), uri)
    if uri[:1] in _QUOTES and uri:
        bare = uri.strip(_QUOTES)
        return note("quotes", _("%(uri)s is wrapped in quotes or brackets. Write it bare: %(fix)s"), uri, fix=bare)
    if "*" in uri:
        message = _(
            "%(uri)s holds a wildcard. Register each address in full: they are compared character by character."
        )
        return note("wildcard", message, uri)
    return None if is_uri_text(uri) or not uri else _character_problem(uri)


def _character_problem(uri: str) -> UriNote:
    """Characters that no URI may hold (RFC 3986 2)."""
    if "\\" in uri:
        message = _("%(uri)s holds a backslash. Write / instead: %(fix)s")
        return note("characters", message, uri, fix=shown(uri.replace("\\", "/")))
    ascii_host = _punycode(uri)
    if ascii_host:
        message = _("%(uri)s has an international host. Browsers send it in punycode, so register this: %(fix)s")
        return note("characters", message, uri, fix=ascii_host)
    fix = quote(uri, safe=":/?#[]@!$&'()*+,;=%-._~")
    return note(
        "characters", _("%(uri)s holds a character that no URI may hold. Percent-encode it: %(fix)s"), uri, fix=fix
    )


def _punycode(uri: str) -> str:
    """The same address with its host in punycode (RFC 5890), "" where that is not the problem."""
    found = re.fullmatch(r"([a-zA-Z][a-zA-Z0-9+.\-]*://)([^/?#:@]+)(.*)", uri)
    try:
        host = found[2].encode("idna").decode("ascii") if found else ""
    except UnicodeError:
        return ""
    fixed = f"{found[1]}{host}{found[3]}" if found and host else ""
    return fixed if fixed != uri and is_uri_text(fixed) else ""


def _is_no_scheme(scheme: str, uri: str) -> bool:
    """True where what looks like a scheme is a host before its port (localhost:8000/cb)."""
    return "://" not in uri and scheme not in _DANGEROUS_SCHEMES and "." not in scheme


def _unreadable(uri: str) -> UriNote:
    if "://" in uri.lstrip("/"):
        message = _(
            "%(uri)s: its host or port cannot be read. A port is a number up to 65535, as in https://app.example:8443/cb"
        )
        return note("unreadable", message, uri)
    if not uri:
        return note("no_scheme", _("An address is empty. Write it in full, as in https://app.example/cb"), uri)
    found = re.match(r"(https?):?/*(.*)", uri, re.IGNORECASE | re.DOTALL)
    rest = (found[2] if found and found[2] else uri).lstrip(":/")
    if uri.startswith("/") and not uri.startswith("//"):
        message = _("%(uri)s has no scheme and no host. Write it in full: %(fix)s")
        return note("no_scheme", message, uri, fix=f"https://your.host{uri}")
    fix = f"{_usual_scheme(rest)}://{rest}"
    return note(
        "no_scheme",
        _("%(uri)s has no scheme. Add https:// or, on this machine, http://. Did you mean %(fix)s?"),
        uri,
        fix=fix,
    )


def _usual_scheme(rest: str) -> str:
    return "http" if is_loopback_host(re.split(r"[:/?#]", rest.removeprefix("["), maxsplit=1)[0]) else "https"


def _scheme_problem(uri: str, scheme: str, *, public_client: bool) -> UriNote | None:
    """Private-use schemes are reversed domain names of public clients (RFC 8252 7.1)."""
    meant = get_close_matches(scheme, ("http", "https"), 1, 0.7)
    if meant and "://" in uri:
        fix = f"https://{uri.partition('://')[2]}"
        return note("scheme", _("%(uri)s begins with %(scheme)s:. Did you mean %(fix)s?"), uri, scheme=scheme, fix=fix)
    if scheme in _DANGEROUS_SCHEMES:
        return note(
            "scheme", _("%(uri)s: a browser runs or opens %(scheme)s: itself. Use https://"), uri, scheme=scheme
        )
    if not _PRIVATE_USE_SCHEME.fullmatch(scheme):
        message = _(
            "%(uri)s: the scheme %(scheme)s: cannot be used. Use https://, or for an app on a device "
            "a domain name turned round, as in com.example.app:/cb"
        )
        return note("scheme", message, uri, scheme=scheme)
    if not public_client:
        message = _(
            "%(uri)s: the scheme %(scheme)s: is for apps on a device. Use https://, or register the client as public."
        )
        return note("scheme", message, uri, scheme=scheme)
    return None


def _web_problem(uri: str, parts: SplitResult) -> UriNote | None:
    if not parts.hostname:
        fix = f"{parts.scheme}://{uri.partition(':')[2].lstrip('/')}"
        return note("no_host", _("%(uri)s has no host. Two slashes follow the scheme: %(fix)s"), uri, fix=fix)
    if parts.username is not None or parts.password is not None:
        fix = uri.replace(f"{parts.netloc.rpartition('@')[0]}@", "", 1)
        return note("user_information", _("%(uri)s holds a user name before @. Remove it: %(fix)s"), uri, fix=fix)
    if parts.netloc.endswith(":"):
        fix = uri.replace(parts.netloc, parts.netloc[:-1], 1)
        return note(
            "empty_port", _("%(uri)s has a colon after the host, but no port. Remove it: %(fix)s"), uri, fix=fix
        )
    if parts.scheme == "http" and not is_loopback_host(parts.hostname):
        message = _("%(uri)s: Use https. Codes sent over http can be read on the way. Register %(fix)s")
        return note("http", message, uri, fix=f"https{uri[4:]}")
    if _has_dot_segments(parts.path):
        message = _(
            "%(uri)s climbs with . or .. in its path. Browsers resolve them first, so write where it leads: %(fix)s"
        )
        return note("dot_segments", message, uri, fix=uri.replace(parts.path, _resolved(parts.path), 1))
    if re.search(r"%(?![0-9A-Fa-f]{2})", uri):
        message = _("%(uri)s: a %% is not followed by two hexadecimal digits. For the sign itself write %%25.")
        return note("percent", message, uri)
    return None


def _has_dot_segments(path: str) -> bool:
    return any(segment in (".", "..") for segment in _dots_decoded(path).split("/"))


def _dots_decoded(path: str) -> str:
    return re.sub("%2e", ".", path, flags=re.IGNORECASE)


def _resolved(path: str) -> str:
    """RFC 3986 5.2.4."""
    kept: list[str] = []
    for segment in _dots_decoded(path).split("/")[1:]:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def _query_problem(uri: str, parts: SplitResult) -> UriNote | None:
    taken = sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)} & RESPONSE_PARAMETERS)
    if not taken:
        return None
    message = _("%(uri)s: its query already holds %(names)s, which the answer adds. Remove it from the address.")
    return note("response_parameter", message, uri, names=", ".join(taken))
