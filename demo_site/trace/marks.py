"""Secrets in messages: finding them by where the protocol puts them, and putting a mark in their place.

A mark reads ⟦code:0123456789abcdef⟧: the kind and the head of the SHA-256. Two copies of a message that hold the same marks
held the same secrets, so they can be compared without them.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

KIND_OF_PARAMETER = {
    "state": "state",
    "nonce": "nonce",
    "code": "code",
    "code_challenge": "challenge",
    "code_verifier": "verifier",
    "client_secret": "client_secret",
    "access_token": "access_token",
    "refresh_token": "refresh_token",
    "id_token": "id_token",
    "id_token_hint": "id_token",
    "logout_token": "logout_token",
}
MADE_BY = {"state": "client", "nonce": "client", "challenge": "client", "verifier": "client"}  # all else: the server
SINGLE_USE = {"code", "state", "refresh_token"}
NEVER_KEPT = {"password", "csrfmiddlewaretoken", "new_password1", "new_password2", "old_password"}
KEPT_SECRET = "(not recorded)"
MARK = re.compile(r"⟦([a-z_]+):([0-9a-f]{16})⟧")
SHORTEST = 6  # a shorter value would replace ordinary text


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A secret and where it stood in a message."""

    kind: str
    value: str = field(repr=False)
    place: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.value.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def mark(self) -> str:
        return f"⟦{self.kind}:{self.digest[:16]}⟧"


def preview(kind: str, value: str) -> str:
    """The first four characters; of a client secret none."""
    return "" if kind == "client_secret" else f"{value[:4]}…"


def in_url(url: str, place: str = "url_query") -> Iterator[Found]:
    """Secrets in a URL's query and fragment, also in URLs that its parameters carry (`next=/o/authorize/?state=…`)."""
    parts = urlsplit(url)
    yield from in_parameters(parse_qsl(parts.query), place)
    yield from in_parameters(parse_qsl(parts.fragment), "url_fragment")


def in_parameters(parameters: Iterable[tuple[str, str]], place: str) -> Iterator[Found]:
    pairs = list(parameters)
    hint = dict(pairs).get("token_type_hint", "")
    for name, value in pairs:
        kind = KIND_OF_PARAMETER.get(name) or (_token_kind(hint) if name == "token" else None)
        if kind:
            yield Found(kind=kind, value=value, place=place)
        elif "?" in value and "=" in value:
            yield from in_url(value, place)


def in_headers(headers: Iterable[tuple[str, str]], cookies: Mapping[str, str]) -> Iterator[Found]:
    """Secrets in Authorization, Location, Referer and in the cookies that `cookies` names (cookie name → kind)."""
    for name, value in headers:
        match name.lower():
            case "authorization":
                yield from _in_authorization(value)
            case "location" | "referer":
                yield from in_url(value)
            case "cookie":
                pairs = (part.strip().partition("=") for part in value.split(";"))
                yield from (
                    Found(kind=cookies[key], value=held, place="cookie") for key, _, held in pairs if key in cookies
                )
            case "set-cookie":
                key, _, rest = value.partition("=")
                held = rest.partition(";")[0].strip('"')
                if key in cookies and held:
                    yield Found(kind=cookies[key], value=held, place="cookie")


def in_body(body: str, content_type: str) -> Iterator[Found]:
    if "x-www-form-urlencoded" in content_type:
        yield from in_parameters(parse_qsl(body), "body")
    elif "json" in content_type:
        try:
            document = json.loads(body)
        except ValueError:
            return
        if isinstance(document, dict):
            texts = [(name, value) for name, value in document.items() if isinstance(value, str)]
            yield from in_parameters(texts, "body")


def mark_text(text: str, found: Iterable[Found]) -> str:
    """`text` with a mark in the place of each secret, however it is quoted."""
    for secret in sorted(found, key=lambda one: -len(one.value)):
        if len(secret.value) >= SHORTEST:
            for written in {secret.value, quote(secret.value, safe=""), quote_plus(secret.value)}:
                text = text.replace(written, secret.mark)
    return text


def mark_headers(headers: Iterable[tuple[str, str]], found: Iterable[Found]) -> list[list[str]]:
    """Headers with marks; every cookie's value and every other credential is cut, whether known or not."""
    secrets = list(found)
    return [[name, _mark_header(name, value, secrets)] for name, value in headers]


def mark_form(body: str, content_type: str) -> str:
    """A form's body without passwords and CSRF tokens: those are never recorded at all."""
    if "x-www-form-urlencoded" not in content_type:
        return body
    parts = (pair.partition("=") for pair in body.split("&"))
    return "&".join(
        f"{name}={KEPT_SECRET if unquote_plus(name) in NEVER_KEPT else value}" if equals else name
        for name, equals, value in parts
    )


def unmark(text: str, artifacts: Mapping[tuple[str, str], str]) -> str:
    """`text` with what `artifacts` holds for (kind, head of the digest) in the place of each mark."""
    return MARK.sub(lambda mark: artifacts.get((mark[1], mark[2]), "…"), text)


def claims_of(id_token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An ID token's header and claims, nothing verified; empty where it is none."""
    parts: list[dict[str, Any]] = []
    for part in id_token.split(".")[:2]:
        try:
            parts.append(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
        except ValueError:
            return {}, {}
    good = len(parts) == 2 and all(isinstance(part, dict) for part in parts)
    return (parts[0], parts[1]) if good else ({}, {})


def with_another_letter(token: str, index: int) -> str:
    """`token` with one letter in the middle of its part `index` replaced; inside JSON a letter that stays a letter."""
    parts = token.split(".")
    text = parts[index]
    if index < 2:  # what stands there is JSON: change a letter of it, so that it stays readable
        document = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        place = document.rindex(b'"') - 1
        letter = b"x" if document[place : place + 1] != b"x" else b"y"
        changed = document[:place] + letter + document[place + 1 :]
        parts[index] = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
    else:
        place = len(text) // 2
        parts[index] = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    return ".".join(parts)


def basic_credentials(authorization: str) -> tuple[str, str] | None:
    """(client_id, client_secret) of `Basic …` (RFC 6749 2.3.1), or None."""
    scheme, _, sent = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (unquote_plus(name), unquote_plus(secret)) if colon else None


def _in_authorization(value: str) -> Iterator[Found]:
    credentials = basic_credentials(value)
    if credentials:
        yield Found(kind="client_secret", value=credentials[1], place="header")
    elif value.lower().startswith("bearer "):
        yield Found(kind="access_token", value=value[7:].strip(), place="header")


def _token_kind(hint: str) -> str:
    return "refresh_token" if hint == "refresh_token" else "access_token"


def _mark_header(name: str, value: str, found: list[Found]) -> str:
    match name.lower():
        case "authorization":
            return _mark_authorization(value, found)
        case "cookie":
            return "; ".join(_cut_cookie(part.strip()) for part in value.split(";"))
        case "set-cookie":
            first, semicolon, attributes = value.partition(";")
            return f"{_cut_cookie(first)}{semicolon}{attributes}"
        case "x-csrftoken" | "proxy-authorization":
            return KEPT_SECRET
    return mark_text(value, found)


def _mark_authorization(value: str, found: list[Found]) -> str:
    credentials = basic_credentials(value)
    if credentials:
        secret = Found(kind="client_secret", value=credentials[1], place="header")
        return f"Basic base64({credentials[0]}:{secret.mark})"
    marked = mark_text(value, found)
    return marked if "⟦" in marked else f"{value.partition(' ')[0]} {KEPT_SECRET}"


def _cut_cookie(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={value[:4]}…" if equals and value else pair
