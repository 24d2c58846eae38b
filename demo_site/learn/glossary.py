"""The words of the flow, each in a sentence or two, with the section that defines it."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from demo_site.trace.lab.sentences import Text


class Word(NamedTuple):
    """`term` as the specifications write it."""

    term: str
    text: Text
    spec: str


WORDS = (
    Word(
        "access token",
        _("What the client shows to an API on your behalf. It says what is allowed, not who you are."),
        "RFC 6749 1.4",
    ),
    Word(
        "authorization code",
        _("Stands for your consent on its way through the browser. Works once, for a minute, for one client."),
        "RFC 6749 1.3.1",
    ),
    Word(
        "authorization server",
        _("Knows you, asks you, and issues codes and tokens. With ID tokens it is an OpenID Provider."),
        "RFC 6749 1.1",
    ),
    Word(
        "back channel", _("What two servers say to each other directly. The browser never sees it."), "OIDC Core 3.1.3"
    ),
    Word("claim", _("One thing a token says of you, such as your name or when you signed in."), "OIDC Core 1.2"),
    Word(
        "client",
        _("The application that wants something. Here a web site with a server: it can keep a secret."),
        "RFC 6749 1.1",
    ),
    Word(
        "consent",
        _("Your yes to what a client asked for. It is remembered until you take it back."),
        "OIDC Core 3.1.2.4",
    ),
    Word(
        "front channel",
        _("What passes through the browser: addresses, redirects, forms. You can read it, and so can others."),
        "OIDC Core 3.1.2",
    ),
    Word(
        "ID token",
        _("A signed statement of the server to one client: this person signed in, then, this way."),
        "OIDC Core 2",
    ),
    Word(
        "implicit flow",
        _("The older way: the token itself goes through the browser. Not to be used any more."),
        "RFC 9700 2.1.2",
    ),
    Word(
        "issuer",
        _("The name of a server, which is also an address: where its description is found."),
        "OpenID Connect Discovery 1.2",
    ),
    Word("JWK set", _("The public keys of a server. With them anybody can verify what it signed."), "RFC 7517 5"),
    Word("nonce", _("A random value of one sign-in that comes back inside the ID token."), "OIDC Core 3.1.2.1"),
    Word(
        "PKCE",
        _("The client shows the hash of a secret first and the secret later, so that a stolen code is worth nothing."),
        "RFC 7636",
    ),
    Word(
        "redirect URI",
        _("Where the browser is sent back to. Compared as a whole with what is registered."),
        "RFC 6749 3.1.2",
    ),
    Word(
        "refresh token",
        _("Gets new access tokens without you. Replaced at each use, so that a copy is noticed."),
        "RFC 6749 1.5",
    ),
    Word(
        "relying party",
        _("What OpenID Connect calls a client: it relies on what the server says of you."),
        "OIDC Core 1.2",
    ),
    Word("resource server", _("The API. It takes access tokens and nothing else."), "RFC 6749 1.1"),
    Word("scope", _("What is asked for, in words both sides know: openid, profile, notes.read."), "RFC 6749 3.3"),
    Word(
        "state",
        _("A random value of one attempt in one browser. An answer without it is an answer to nobody."),
        "RFC 6749 10.12",
    ),
    Word("user agent", _("Your browser."), "RFC 6749 1.1"),
)
