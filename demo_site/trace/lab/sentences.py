"""What each message means, in one sentence, with the section that asks for it."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from codeflow.http import Door

Text = str | Promise
PATIENCE_SECONDS = Door().read_timeout


class Step(NamedTuple):
    """One of the seven: who acts, in a word, in one sentence, and where it is written."""

    number: int
    party: str
    word: Text
    text: Text
    spec: str


class Sentence(NamedTuple):
    text: Text
    why: Text = ""
    spec: str = ""


STEPS = [
    Step(
        1,
        "client",
        _("ask"),
        _("The client needs something protected, and sends the browser to the authorization server."),
        "RFC 6749 4.1.1",
    ),
    Step(
        2,
        "server",
        _("sign in, decide"),
        _("The authorization server finds out who the person is, and asks whether the client may have it."),
        "OIDC Core 3.1.2.3",
    ),
    Step(3, "server", _("a code"), _("It answers through the browser with a code."), "RFC 6749 4.1.2"),
    Step(
        4,
        "browser",
        _("carry it back"),
        _("The browser brings the code to the client, which checks that the answer belongs to its question."),
        "RFC 6749 4.1.2; RFC 9207 2.4",
    ),
    Step(
        5,
        "client",
        _("swap"),
        _("The client sends key, secret, code and verifier straight to the server."),
        "RFC 6749 4.1.3; RFC 7636 4.5",
    ),
    Step(6, "server", _("tokens"), _("The server checks them all and answers with tokens."), "RFC 6749 5.1"),
    Step(
        7,
        "client",
        pgettext_lazy("one of the seven steps", "use"),
        _("The client checks the ID token, keeps the tokens to itself, and fetches what was asked for."),
        "OIDC Core 3.1.3.7; RFC 6750 2.1",
    ),
]

MESSAGES = {
    "front.page": Sentence(_("asks for a page")),
    "front.page.answer": Sentence(_("the page")),
    "front.start": Sentence(_("asks to sign in")),
    "front.go_on": Sentence(_("go on there")),
    "front.sign_in_first": Sentence(_("sign in first")),
    "front.go_authorize": Sentence(
        _("go to the authorization server"),
        _(
            "state ties the answer to this browser; nonce will be inside the ID token; the challenge is the SHA-256 of a "
            "verifier that never passes through the browser."
        ),
        "RFC 6749 4.1.1; RFC 7636 4.3; OIDC Core 3.1.2.1",
    ),
    "front.authorize": Sentence(
        _("brings the client's question"), _("The address bar shows all of it; so does the history."), "RFC 6749 4.1.1"
    ),
    "front.authorize.again": Sentence(
        _("takes up the question again"), _("Sealed by the server meanwhile; nobody could change it.")
    ),
    "front.go_login": Sentence(_("first sign in"), "", "OIDC Core 3.1.2.3"),
    "front.login": Sentence(_("asks for the sign-in page")),
    "front.login.page": Sentence(
        _("the sign-in page"), _("Only the server ever asks for the password."), "OIDC Core 3.1.2.3"
    ),
    "front.login.answer": Sentence(
        _("sends user name and password"), _("To the server alone. The trace does not keep it.")
    ),
    "front.consent.page": Sentence(_("asks: may this client have it?"), "", "OIDC Core 3.1.2.4"),
    "front.consent.answer": Sentence(_("the person decides")),
    "front.code": Sentence(
        _("go back, with a code"),
        _(
            "The code is worth nothing without the client's secret and verifier, works once, and only for a minute. "
            "iss says which server answered."
        ),
        "RFC 6749 4.1.2; RFC 9207 2",
    ),
    "front.refusal": Sentence(_("go back: refused"), _("Also a refusal carries state and iss."), "RFC 6749 4.1.2.1"),
    "front.error.page": Sentence(
        _("stops here, with a page"), _("An unknown client or address gets no redirect."), "RFC 6749 4.1.2.1"
    ),
    "front.callback": Sentence(_("brings the code"), "", "RFC 6749 4.1.2; OIDC Core 3.1.2.5"),
    "front.callback.error": Sentence(_("brings the refusal"), "", "RFC 6749 4.1.2.1"),
    "front.callback.page": Sentence(_("says what happened")),
    "front.signed_in": Sentence(
        _("signed in: on to the page"),
        _("A clean address at once, so that the code does not stay in the address bar."),
    ),
    "front.logout": Sentence(_("asks to sign out"), "", "RP-Initiated Logout 2"),
    "front.logout.answer": Sentence(_("signing out"), "", "RP-Initiated Logout 3"),
    "back.metadata": Sentence(_("asks where everything is"), "", "Discovery 4"),
    "back.metadata.answer": Sentence(_("the server's metadata"), "", "Discovery 4.2"),
    "back.jwks": Sentence(_("asks for the public keys"), "", "OIDC Core 10.1"),
    "back.jwks.answer": Sentence(_("the keys that it signs with"), "", "RFC 7517 5"),
    "back.token": Sentence(
        _("key + secret + code + verifier"),
        _("Four things that no single thief of the browser's history would have."),
        "RFC 6749 4.1.3; RFC 7636 4.5",
    ),
    "back.token.answer": Sentence(
        _("ID token + access token"), _("Straight to the client; no-store."), "RFC 6749 5.1; OIDC Core 3.1.3.3"
    ),
    "back.token.answer.refused": Sentence(
        _("refused: no tokens"), _("The error code says why; the trace of both sides says it in words."), "RFC 6749 5.2"
    ),
    "back.refresh": Sentence(_("trades the refresh token"), "", "RFC 6749 6"),
    "back.refresh.answer": Sentence(_("a new access token"), _("The old refresh token is spent."), "RFC 9700 4.14.2"),
    "back.refresh.answer.refused": Sentence(
        _("refused: no tokens"), _("Nothing but a new sign-in helps now."), "RFC 6749 5.2"
    ),
    "back.userinfo": Sentence(_("who is this?"), "", "OIDC Core 5.3.1"),
    "back.userinfo.answer": Sentence(_("name and e-mail"), "", "OIDC Core 5.3.2"),
    "back.api": Sentence(
        _("on the person's behalf"), _("The access token says for whom, and what may be done."), "RFC 6750 2.1"
    ),
    "back.api.answer": Sentence(_("the API's answer"), "", "RFC 6750 3"),
    "back.revoke": Sentence(_("this token is no longer needed"), "", "RFC 7009 2.1"),
    "back.revoke.answer": Sentence(_("revoked"), "", "RFC 7009 2.2"),
    "back.introspect": Sentence(_("is this token alive?"), "", "RFC 7662 2.1"),
    "back.introspect.answer": Sentence(_("what the token is worth"), "", "RFC 7662 2.2"),
    "back.backchannel": Sentence(
        _("this person signed out"),
        _("The server tells every client of the session, whether a browser is open or not."),
        "Back-Channel Logout 2.5",
    ),
    "back.backchannel.answer": Sentence(_("heard: the session is over"), "", "Back-Channel Logout 2.8"),
}

EVENTS: dict[str, Text] = {
    "login_started": _("makes state, nonce and the PKCE verifier, and seals them into a cookie that only it can open"),
    "response_checked": _("checks that this answer belongs to its question"),
    "token_requested": _("takes out key, secret and verifier"),
    "tokens_received": _("checks the token response"),
    "id_token_checked": _("checks the ID token"),
    "id_token_changed": _("checks an ID token in which you changed one letter"),
    "userinfo_received": _("checks the userinfo answer"),
    "login_succeeded": _("signs the person in; the tokens stay here, encrypted"),
    "login_failed": _("does not sign the person in"),
    "account_created": _("makes a local account for this issuer and subject"),
    "resource_requested": _("uses the access token"),
    "token_refreshed": _("keeps the new tokens, encrypted"),
    "logged_out": _("ends the session here, and forgets the tokens"),
    "reauth_required": _("needs a new sign-in"),
    "consent.asked": _("asks the person"),
    "consent.given": _("keeps the consent, to ask only once"),
    "login.succeeded": _("knows the person by the password, and begins a session"),
    "login.failed": _("does not know that user name and password"),
    "logout_received": _("checks the logout token, and ends the sessions it names"),
    "code.issued": _("makes a code, and keeps only its hash"),
    "token.issued": _("checks key, secret, code and verifier; issues the tokens, and keeps only their hashes"),
    "token.refreshed": _("checks the refresh token, spends it, and issues a new pair"),
    "token.refused": _("refuses the request"),
    "token.revoked": _("revokes the token, and all that came with it"),
    "session.ended": _("ends the session here"),
    "logout.delivered": _("told the client that the session is over"),
}
"""Sentences for the roles' events; one without is shown by its name."""

PARTIES: dict[str, Text] = {
    "browser": _("Browser"),
    "client": _("Client"),
    "server": _("Authorization server"),
    "api": _("API"),
}
KINDS: dict[str, Text] = {
    "state": "state",
    "nonce": "nonce",
    "challenge": _("code challenge"),
    "code": _("code"),
    "verifier": _("code verifier"),
    "client_secret": _("client secret"),
    "access_token": _("access token"),
    "refresh_token": _("refresh token"),
    "id_token": _("ID token"),
    "logout_token": _("logout token"),
}
OUTCOMES: dict[str, Text] = {"ok": "", "refused": _("refused"), "error": _("error")}
PLACES: dict[str, Text] = {
    "url_query": _("in a URL"),
    "url_fragment": _("in a URL's fragment"),
    "header": _("in a header"),
    "body": _("in a body"),
    "cookie": _("in a cookie"),
    "log": _("in a log"),
    "history": _("in the history"),
}


def of(summary_id: str, *, refused: bool = False) -> Sentence:
    """The sentence of an event; a name in words where there is none."""
    if refused and f"{summary_id}.refused" in MESSAGES:
        return MESSAGES[f"{summary_id}.refused"]
    if summary_id in MESSAGES:
        return MESSAGES[summary_id]
    name = summary_id.removeprefix("event.")
    return Sentence(EVENTS.get(name) or name.replace(".", ": ").replace("_", " "))


def of_silence(duration_ms: float) -> Text:
    """What to look for where a call got no answer: a site with one thread cannot answer while it waits for itself."""
    if duration_ms >= PATIENCE_SECONDS * 1000:
        return _("The server did not answer in %(seconds)d s. Is it running with --nothreading?") % {
            "seconds": PATIENCE_SECONDS
        }
    return _("No usable answer came. Is the server running?")
