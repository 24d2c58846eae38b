"""What a browser meets at a fake provider: the authorization endpoint, and the page that ends the session there.

Nobody is asked anything: the person at the browser signs in and consents, unless a misbehaviour says otherwise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from codeflow.core.uris import add_parameters
from codeflow.testing.messages import Reply, Request
from codeflow.testing.state import Grant, State, new_secret
from codeflow.testing.ways import merged

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationAnswer:
    """What the browser brings back to the site, and how."""

    redirect_uri: str
    pairs: Pairs = field(repr=False)
    form_post: bool = False

    def reply(self) -> Reply:
        if self.form_post:
            return Reply.html(_form(self.redirect_uri, self.pairs))
        separator = "&" if "?" in self.redirect_uri else "?"
        return Reply.redirect(f"{self.redirect_uri}{separator}{urlencode(list(self.pairs))}")


def authorize(state: State, url: str) -> AuthorizationAnswer:
    """The answer to the authorization request at `url`."""
    asked = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    code = new_secret("code")
    state.codes[code] = _granted(state, asked)
    good = {"code": code, "state": asked.get("state", ""), "iss": state.registration.issuer}
    return AuthorizationAnswer(
        redirect_uri=asked.get("redirect_uri", ""),
        pairs=list(_pairs(merged(good, state.ways.callback))),
        form_post=asked.get("response_mode") == "form_post",
    )


def end_session(state: State, request: Request) -> Reply:
    """RP-Initiated Logout 3: back to where the site asked, with its state."""
    asked = request.form or request.query
    target = asked.get("post_logout_redirect_uri", "")
    if not target:
        return Reply.html("<p>You are signed out.</p>")
    return Reply.redirect(add_parameters(target, {"state": asked["state"]} if "state" in asked else {}))


def browse(state: State, request: Request) -> Reply:
    """A page that a browser asks for."""
    if request.path == urlsplit(f"{state.registration.base}/logout").path:
        return end_session(state, request)
    return authorize(state, request.url).reply()


def is_front_channel(state: State, url: str) -> bool:
    return url.partition("?")[0] in (f"{state.registration.base}/authorize", f"{state.registration.base}/logout")


def _granted(state: State, asked: dict[str, str]) -> Grant:
    person = state.at_the_browser
    sid = new_secret("sid")
    person.sids.append(sid)
    return Grant(
        person=person,
        scope=asked.get("scope", ""),
        client_id=asked.get("client_id", ""),
        sid=sid,
        acr=person.acr or (asked.get("acr_values", "").split() or [""])[0],
        nonce=asked.get("nonce", ""),
        redirect_uri=asked.get("redirect_uri", ""),
        code_challenge=asked.get("code_challenge", ""),
    )


def _pairs(members: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in members.items():
        for item in value if isinstance(value, list) else [value]:
            yield name, str(item)


def _form(action: str, pairs: Pairs) -> str:
    """Form Post Response Mode 2; a browser would send it by itself."""
    fields = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in pairs)
    return f'<form method="post" action="{escape(action)}">{fields}<button>Continue</button></form>'
