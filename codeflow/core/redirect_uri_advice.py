"""What looks wrong with redirect URIs that may be registered, and how one that was sent differs from them: in words.

RFC 9700 2.1, 4.1.3 (they are compared as strings); RFC 8252 8.3.
"""

import re
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from itertools import combinations
from urllib.parse import SplitResult, urlsplit

from codeflow.core.uri_notes import UriNote, gettext_noop, note, shown
from codeflow.core.uris import MAX_REDIRECT_URI, split_uri

_ = gettext_noop

_PLACEHOLDERS = re.compile(r"(.+\.)?example\.(com|net|org)|your[-.].*")


def redirect_uri_warnings(redirect_uri: str) -> list[UriNote]:
    """What may be meant, and often is not, in a redirect_uri that can be registered."""
    parts = split_uri(redirect_uri)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return []
    return [found for look in _LOOKS if (found := look(redirect_uri, parts))]


def twin_warnings(redirect_uris: Iterable[str]) -> list[UriNote]:
    """Pairs that differ so little that one of them may be a mistake."""
    pairs = combinations(dict.fromkeys(redirect_uris), 2)
    return [found for one, other in pairs if (found := _twins(one, other))]


def redirect_uri_difference(sent: str, registered: Iterable[str]) -> UriNote:
    """How `sent` differs from the registered one that is most like it; code `same` where it does not."""
    known = list(registered)
    if not known:
        return note("diff_none", _("%(uri)s was sent, and no redirect URI is registered. Register it."), sent)
    if sent in known:
        return note("same", _("%(uri)s is registered."), sent)
    closest = max(known, key=lambda uri: SequenceMatcher(None, sent[:MAX_REDIRECT_URI], uri).ratio())
    for code, message, fold in _DIFFERENCES:
        if fold(sent) == fold(closest):
            return note(code, message, sent, registered=shown(closest))
    place = next(
        (at for at, (a, b) in enumerate(zip(sent, closest, strict=False)) if a != b), min(len(sent), len(closest))
    )
    message = _(
        "%(uri)s was sent; the nearest registered is %(registered)s. They part at character %(place)s: "
        "%(ours)s was sent, %(theirs)s is registered."
    )
    ours, theirs = (f"“{shown(text[place : place + 20])}”" for text in (sent, closest))
    return note("diff_text", message, sent, registered=shown(closest), place=str(place + 1), ours=ours, theirs=theirs)


# -- one address -------------------------------------------------------------------------------------------------------


def _localhost(uri: str, parts: SplitResult) -> UriNote | None:
    if parts.hostname != "localhost":
        return None
    message = _(
        "%(uri)s: 127.0.0.1 is safer than localhost for apps on a device (RFC 8252 8.3). Use %(fix)s where you can."
    )
    return note("localhost", message, uri, fix=re.sub("localhost", "127.0.0.1", uri, count=1, flags=re.IGNORECASE))


def _punycode_host(uri: str, parts: SplitResult) -> UriNote | None:
    host = parts.hostname or ""
    if not any(label.startswith("xn--") for label in host.split(".")):
        return None
    try:
        name = host.encode("ascii").decode("idna")
    except UnicodeError:
        return note("punycode", _("%(uri)s: the host is no valid punycode. Copy it from the browser's address."), uri)
    message = _(
        "%(uri)s: people see the host as %(name)s. Letters of other alphabets look alike: is it the one you mean?"
    )
    return note("punycode", message, uri, name=name)


def _host_case(uri: str, parts: SplitResult) -> UriNote | None:
    lower = parts.netloc.lower()
    if parts.netloc == lower and uri.startswith(parts.scheme):
        return None
    fix = parts._replace(netloc=lower).geturl()
    message = _(
        "%(uri)s: browsers and libraries write scheme and host in small letters, and capitals do not match. Use %(fix)s"
    )
    return note("host_case", message, uri, fix=fix)


def _default_port(uri: str, parts: SplitResult) -> UriNote | None:
    if parts.port != {"http": 80, "https": 443}[parts.scheme]:
        return None
    fix = parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()
    message = _("%(uri)s: most clients leave out the usual port, and then it does not match. Use %(fix)s")
    return note("default_port", message, uri, fix=fix)


def _short_host(uri: str, parts: SplitResult) -> UriNote | None:
    host = parts.hostname or ""
    if "." in host.rstrip(".") or ":" in host or host == "localhost":
        return None
    return note("short_host", _("%(uri)s: the host has no dot, so it is found inside your network alone."), uri)


def _final_dot(uri: str, parts: SplitResult) -> UriNote | None:
    if not (parts.hostname or "").endswith("."):
        return None
    fix = uri.replace(parts.hostname or "", (parts.hostname or "").rstrip("."), 1)
    return note("final_dot", _("%(uri)s: the host ends with a dot, which clients leave out. Use %(fix)s"), uri, fix=fix)


def _placeholder(uri: str, parts: SplitResult) -> UriNote | None:
    if not _PLACEHOLDERS.fullmatch(parts.hostname or ""):
        return None
    return note("placeholder", _("%(uri)s: the host looks like a placeholder of some manual. Write your own."), uri)


def _double_slash(uri: str, parts: SplitResult) -> UriNote | None:
    if "//" not in parts.path:
        return None
    fix = uri.replace(parts.path, re.sub("/{2,}", "/", parts.path), 1)
    return note("double_slash", _("%(uri)s has two slashes in a row. Did you mean %(fix)s?"), uri, fix=fix)


def _final_punctuation(uri: str, parts: SplitResult) -> UriNote | None:
    if uri[-1] not in ",;.'":
        return None
    fix = uri.rstrip(",;.'")
    return note(
        "final_punctuation", _("%(uri)s ends with “%(sign)s”. Did you mean %(fix)s?"), uri, sign=uri[-1], fix=fix
    )


_LOOKS: tuple[Callable[[str, SplitResult], UriNote | None], ...] = (
    _localhost,
    _punycode_host,
    _host_case,
    _default_port,
    _short_host,
    _final_dot,
    _placeholder,
    _double_slash,
    _final_punctuation,
)


# -- two addresses ----------------------------------------------------------------------------------------------------


def _without_port(uri: str) -> str:
    return re.sub(r"^(\w+://(?:\[[^\]]*\]|[^/?#:]*)):[0-9]*", r"\1", uri)


def _without_www(uri: str) -> str:
    return re.sub(r"://www\.", "://", uri, count=1)


def _without_scheme(uri: str) -> str:
    return uri.partition("://")[2] or uri


def _without_query(uri: str) -> str:
    return uri.partition("?")[0]


def _without_slash(uri: str) -> str:
    path, mark, query = uri.partition("?")
    return f"{path.rstrip('/')}{mark}{query}"


def _folded_host(uri: str) -> str:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri
    return parts._replace(netloc=parts.netloc.lower()).geturl()


_TWINS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    (
        "slash_twins",
        _("You have both %(uri)s and %(other)s. Only a slash at the end differs: is one a mistake?"),
        _without_slash,
    ),
    ("case_twins", _("You have both %(uri)s and %(other)s. Only capitals differ: is one a mistake?"), str.lower),
    ("port_twins", _("You have both %(uri)s and %(other)s. Only the port differs: is one a mistake?"), _without_port),
    (
        "scheme_twins",
        _("You have both %(uri)s and %(other)s. Only the scheme differs: is one a mistake?"),
        _without_scheme,
    ),
    ("www_twins", _("You have both %(uri)s and %(other)s. Only www. differs: is one a mistake?"), _without_www),
)


def _twins(one: str, other: str) -> UriNote | None:
    for code, message, fold in _TWINS:
        if fold(one) == fold(other):
            return note(code, message, one, other=shown(other))
    return None


_DIFFERENCES: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    (
        "diff_space",
        _(
            "%(uri)s was sent with a space or a line break around it; %(registered)s is registered. Remove it in the client."
        ),
        str.strip,
    ),
    (
        "diff_slash",
        _("%(uri)s was sent, %(registered)s is registered: only the slash at the end differs. Write both alike."),
        _without_slash,
    ),
    (
        "diff_scheme",
        _(
            "%(uri)s was sent, %(registered)s is registered: http and https differ. Behind a proxy the client must be told "
            "that its visitors come by https."
        ),
        _without_scheme,
    ),
    (
        "diff_port",
        _("%(uri)s was sent, %(registered)s is registered: the port differs. Register the port that the client uses."),
        _without_port,
    ),
    (
        "diff_www",
        _("%(uri)s was sent, %(registered)s is registered: only www. differs. Register the host that people visit."),
        _without_www,
    ),
    (
        "diff_case",
        _(
            "%(uri)s was sent, %(registered)s is registered: capitals and small letters differ. They are compared exactly."
        ),
        str.lower,
    ),
    (
        "diff_query",
        _(
            "%(uri)s was sent, %(registered)s is registered: what follows ? differs. Register it with its query, or send none."
        ),
        _without_query,
    ),
    (
        "diff_loopback",
        _("%(uri)s was sent, %(registered)s is registered: localhost and 127.0.0.1 are two hosts. Write both alike."),
        lambda uri: _without_port(uri).replace("://localhost", "://127.0.0.1"),
    ),
)
