"""What each message means, in one sentence, with the section that asks for it."""

from typing import NamedTuple


class Sentence(NamedTuple):
    text: str
    why: str = ""
    spec: str = ""


STEPS = {
    1: "The client needs something protected, and sends the browser to the authorization server.",
    2: "The authorization server finds out who the person is, and asks whether the client may have it.",
    3: "It answers through the browser with a code.",
    4: "The browser brings the code to the client, which checks that the answer belongs to its question.",
    5: "The client sends key, secret, code and verifier straight to the server.",
    6: "The server checks them all and answers with tokens.",
    7: "The client checks the ID token, keeps the tokens to itself, and fetches what was asked for.",
}

MESSAGES = {
    "front.page": Sentence("asks for a page"),
    "front.page.answer": Sentence("the page"),
    "front.start": Sentence("asks to sign in"),
    "front.go_on": Sentence("go on there"),
    "front.sign_in_first": Sentence("sign in first"),
    "front.go_authorize": Sentence(
        "go to the authorization server",
        "state ties the answer to this browser; nonce will be inside the ID token; the challenge is the SHA-256 of a "
        "verifier that never passes through the browser.",
        "RFC 6749 4.1.1; RFC 7636 4.3; OIDC Core 3.1.2.1",
    ),
    "front.authorize": Sentence(
        "brings the client's question", "The address bar shows all of it; so does the history.", "RFC 6749 4.1.1"
    ),
    "front.authorize.again": Sentence(
        "takes up the question again", "Sealed by the server meanwhile; nobody could change it."
    ),
    "front.go_login": Sentence("first sign in", "", "OIDC Core 3.1.2.3"),
    "front.login": Sentence("asks for the sign-in page"),
    "front.login.page": Sentence(
        "the sign-in page", "Only the server ever asks for the password.", "OIDC Core 3.1.2.3"
    ),
    "front.login.answer": Sentence("sends user name and password", "To the server alone. The trace does not keep it."),
    "front.consent.page": Sentence("asks: may this client have it?", "", "OIDC Core 3.1.2.4"),
    "front.consent.answer": Sentence("the person decides"),
    "front.code": Sentence(
        "go back, with a code",
        "The code is worth nothing without the client's secret and verifier, works once, and only for a minute. "
        "iss says which server answered.",
        "RFC 6749 4.1.2; RFC 9207 2",
    ),
    "front.refusal": Sentence("go back: refused", "Also a refusal carries state and iss.", "RFC 6749 4.1.2.1"),
    "front.error.page": Sentence(
        "stops here, with a page", "An unknown client or address gets no redirect.", "RFC 6749 4.1.2.1"
    ),
    "front.callback": Sentence("brings the code", "", "RFC 6749 4.1.2; OIDC Core 3.1.2.5"),
    "front.callback.error": Sentence("brings the refusal", "", "RFC 6749 4.1.2.1"),
    "front.callback.page": Sentence("says what happened"),
    "front.signed_in": Sentence(
        "signed in: on to the page", "A clean address at once, so that the code does not stay in the address bar."
    ),
    "front.logout": Sentence("asks to sign out", "", "RP-Initiated Logout 2"),
    "front.logout.answer": Sentence("signing out", "", "RP-Initiated Logout 3"),
    "back.metadata": Sentence("asks where everything is", "", "Discovery 4"),
    "back.metadata.answer": Sentence("the server's metadata", "", "Discovery 4.2"),
    "back.jwks": Sentence("asks for the public keys", "", "OIDC Core 10.1"),
    "back.jwks.answer": Sentence("the public keys", "", "RFC 7517 5"),
    "back.token": Sentence(
        "key + secret + code + verifier",
        "Four things that no single thief of the browser's history would have.",
        "RFC 6749 4.1.3; RFC 7636 4.5",
    ),
    "back.token.answer": Sentence(
        "ID token + access token", "Straight to the client; no-store.", "RFC 6749 5.1; OIDC Core 3.1.3.3"
    ),
    "back.refresh": Sentence("trades the refresh token", "", "RFC 6749 6"),
    "back.refresh.answer": Sentence("a new access token", "The old refresh token is spent.", "RFC 9700 4.14.2"),
    "back.userinfo": Sentence("who is this?", "", "OIDC Core 5.3.1"),
    "back.userinfo.answer": Sentence("name and e-mail", "", "OIDC Core 5.3.2"),
    "back.api": Sentence(
        "on the person's behalf", "The access token says for whom, and what may be done.", "RFC 6750 2.1"
    ),
    "back.api.answer": Sentence("the notes"),
    "back.revoke": Sentence("this token is no longer needed", "", "RFC 7009 2.1"),
    "back.revoke.answer": Sentence("revoked", "", "RFC 7009 2.2"),
    "back.introspect": Sentence("is this token alive?", "", "RFC 7662 2.1"),
    "back.introspect.answer": Sentence("what the token is worth", "", "RFC 7662 2.2"),
}

EVENTS: dict[str, str] = {
    "login_started": "makes state, nonce and the PKCE verifier, and seals them into a cookie that only it can open",
    "response_checked": "checks that this answer belongs to its question",
    "token_requested": "takes out key, secret and verifier",
    "tokens_received": "checks the token response",
    "id_token_checked": "checks the ID token",
    "userinfo_received": "checks the userinfo answer",
    "login_succeeded": "signs the person in; the tokens stay here, encrypted",
    "login_failed": "does not sign the person in",
    "account_created": "makes a local account for this issuer and subject",
    "resource_requested": "uses the access token",
    "token_refreshed": "keeps the new tokens, encrypted",
    "logged_out": "ends the session here, and forgets the tokens",
    "reauth_required": "needs a new sign-in",
    "consent.asked": "asks the person",
    "consent.granted": "keeps the consent, to ask only once",
    "code.issued": "makes a code, and keeps only its hash",
    "token.issued": "checks key, secret, code and verifier; issues the tokens, and keeps only their hashes",
    "token.refused": "refuses the request",
    "session.ended": "ends the session here",
}
"""Sentences for the roles' events; one without is shown by its name."""

PARTIES = {"browser": "Browser", "client": "Client", "server": "Authorization server", "api": "API"}
KINDS = {
    "state": "state",
    "nonce": "nonce",
    "challenge": "code challenge",
    "code": "code",
    "verifier": "code verifier",
    "client_secret": "client secret",
    "access_token": "access token",
    "refresh_token": "refresh token",
    "id_token": "ID token",
}
PLACES = {
    "url_query": "in a URL",
    "url_fragment": "in a URL's fragment",
    "header": "in a header",
    "body": "in a body",
    "cookie": "in a cookie",
    "log": "in a log",
    "history": "in the history",
}


def of(summary_id: str) -> Sentence:
    """The sentence of an event; a name in words where there is none."""
    if summary_id in MESSAGES:
        return MESSAGES[summary_id]
    name = summary_id.removeprefix("event.")
    return Sentence(EVENTS.get(name) or name.replace(".", ": ").replace("_", " "))
