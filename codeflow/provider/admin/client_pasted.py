"""What somebody pasted into “explain this”: which of three things it is, and its parameters. Secrets are shown as stars.

RFC 6749 2.3.1, 4.1.1-4.1.3. Nothing is sent, fetched or kept.
"""

import re
import shlex
from base64 import b64decode
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

AUTHORIZATION, CALLBACK, TOKEN, UNKNOWN = "authorization", "callback", "token", "unknown"

SECRET_NAMES = frozenset(
    {
        "client_secret", "code", "code_verifier", "refresh_token", "access_token", "id_token", "id_token_hint", "token",
        "client_assertion", "password", "assertion", "device_code",
    }
)  # fmt: skip

_SOUNDS_SECRET = re.compile("secret|token|password|assertion|credential|api_?key", re.IGNORECASE)
_URL = re.compile(r"[a-z][a-z0-9+.\-]*:/*[^\s'\"<>]+", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Pasted:
    kind: str
    base: str = ""
    pairs: list[tuple[str, str]] = field(default_factory=list, repr=False)

    @property
    def values(self) -> dict[str, str]:
        return dict(self.pairs)


def masked(name: str, value: str) -> str:
    if name not in SECRET_NAMES and not _SOUNDS_SECRET.search(name):
        return value if len(value) <= 300 else f"{value[:300]}…"
    return _("•••• (%(count)d characters)") % {"count": len(value)} if value else ""


@sensitive_variables()
def read(text: str) -> Pasted:
    """Which of the three it is, and its parameters."""
    text = text.strip()
    if re.search(r"(^|[&\s'\"])grant_type=", text):
        return Pasted(kind=TOKEN, pairs=_token_pairs(text))
    found = _URL.search(text)
    if found is None:
        return Pasted(kind=UNKNOWN)
    try:
        parts = urlsplit(found[0])
    except ValueError:
        return Pasted(kind=UNKNOWN)
    pairs = parse_qsl(parts.query or parts.fragment, keep_blank_values=True, max_num_fields=None)
    names = {name for name, _value in pairs}
    base = re.sub(r"//[^/@]*@", "//••••@", found[0].partition("?")[0].partition("#")[0])
    if names & {"response_type", "client_id"}:
        return Pasted(kind=AUTHORIZATION, base=base, pairs=pairs)
    if names & {"code", "error"}:
        return Pasted(kind=CALLBACK, base=base, pairs=pairs)
    return Pasted(kind=UNKNOWN)


@sensitive_variables()
def _token_pairs(text: str) -> list[tuple[str, str]]:
    """The body of a request, or what a curl line sends."""
    if text.startswith("curl"):
        return _curl_pairs(text)
    head, _blank, body = text.replace("\r\n", "\n").rpartition("\n\n")
    if "grant_type=" not in body:
        head, body = "", text
    basic = re.search(r"authorization:\s*basic\s+(\S+)", head, re.IGNORECASE)
    lines = "&".join(line.strip() for line in body.splitlines() if "=" in line)
    return parse_qsl(lines, keep_blank_values=True) + (_basic_pairs(basic[1]) if basic else [])


@sensitive_variables()
def _curl_pairs(text: str) -> list[tuple[str, str]]:
    try:
        words = shlex.split(text.replace("\\\n", " "))
    except ValueError:
        words = text.split()
    pairs: list[tuple[str, str]] = []
    for flag, value in pairwise(words):
        if flag == "--data-urlencode":
            name, _mark, rest = value.partition("=")
            pairs.append((name, rest))
        elif flag in ("-d", "--data", "--data-raw", "--data-binary"):
            pairs += parse_qsl(value, keep_blank_values=True)
        elif flag in ("-u", "--user"):
            pairs += _credentials(value)
        elif flag in ("-H", "--header") and value.lower().startswith("authorization: basic "):
            pairs += _basic_pairs(value.split()[-1])
    return pairs


@sensitive_variables()
def _basic_pairs(encoded: str) -> list[tuple[str, str]]:
    try:
        return _credentials(b64decode(encoded, validate=True).decode())
    except ValueError:
        return [("Authorization", "")]


@sensitive_variables()
def _credentials(text: str) -> list[tuple[str, str]]:
    client_id, _mark, client_secret = text.partition(":")
    return [("client_id", unquote_plus(client_id)), ("client_secret", unquote_plus(client_secret))]
