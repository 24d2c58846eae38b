"""What each parameter of the flow is for, and the section that defines it: data for the step mode's pages and the lab."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from demo_site.trace.lab.sentences import Text


class Parameter(NamedTuple):
    """One parameter in words."""

    text: Text
    spec: str = ""


class Shown(NamedTuple):
    """A parameter on a page: its name, its value as shown there, and what it is."""

    name: str
    value: str
    parameter: Parameter


UNKNOWN = Parameter(_("A value of this site's own; the standards say nothing of it."))

PARAMETERS = {
    "response_type": Parameter(_("Give me a code, not a token."), "RFC 6749 3.1.1"),
    "client_id": Parameter(_("Who is asking. Public; it proves nothing."), "RFC 6749 2.2"),
    "redirect_uri": Parameter(
        _("Come back here. The server compares it, character by character, with what is registered."),
        "RFC 6749 3.1.2; RFC 9700 2.1",
    ),
    "scope": Parameter(_("What the client would like to know and do. The person may give less."), "RFC 6749 3.3"),
    "state": Parameter(
        _("Made for this browser and this attempt; it must come back unchanged, or the client refuses."),
        "RFC 6749 10.12",
    ),
    "nonce": Parameter(
        _("Will stand inside the ID token, so that a token from another sign-in is noticed."), "OIDC Core 15.5.2"
    ),
    "code_challenge": Parameter(
        _("The SHA-256 of a secret that stays at the client. Nobody can compute the secret from it."),
        "RFC 7636 4.2",
    ),
    "code_challenge_method": Parameter(_("How the challenge was made. Anything but S256 is refused."), "RFC 7636 4.3"),
    "prompt": Parameter(_("Whether the server shall ask the person again."), "OIDC Core 3.1.2.1"),
    "max_age": Parameter(_("How many seconds ago the person may have signed in."), "OIDC Core 3.1.2.1"),
    "acr_values": Parameter(_("How strong a sign-in the client would like."), "OIDC Core 3.1.2.1"),
    "login_hint": Parameter(_("Who the client thinks will sign in."), "OIDC Core 3.1.2.1"),
    "response_mode": Parameter(_("By which way the answer shall come back."), "OAuth 2.0 Multiple Response Types 2.1"),
    "code": Parameter(
        _("Stands for your consent. Works once, for a minute, and only with the client's secret and verifier."),
        "RFC 6749 4.1.2",
    ),
    "iss": Parameter(_("Which server answered; the client compares it with the one it asked."), "RFC 9207 2"),
    "error": Parameter(_("Why there is no code."), "RFC 6749 4.1.2.1"),
    "error_description": Parameter(_("The same in words, for developers."), "RFC 6749 4.1.2.1"),
    "next": Parameter(
        _(
            "Where this site itself goes on afterwards. Only its own addresses are accepted; what it already knows is sealed."
        )
    ),
    "resume": Parameter(_("The client's question, sealed by this server: nobody else can read or change it.")),
    "logout_token": Parameter(_("A JWT that says whose session is over."), "Back-Channel Logout 2.4"),
    "id_token_hint": Parameter(
        _("An ID token that the server once made: it says whose session shall end."), "RP-Initiated Logout 2"
    ),
    "post_logout_redirect_uri": Parameter(
        _("Where the browser goes after sign-out; registered like redirect_uri."), "RP-Initiated Logout 2"
    ),
    "Authorization": Parameter(
        _("The client's key and secret, base64. The server holds only a hash of the secret."), "RFC 6749 2.3.1"
    ),
    "client_secret": Parameter(_("Proves that the client itself is asking."), "RFC 6749 2.3.1"),
    "grant_type": Parameter(_("What is being traded in: a code."), "RFC 6749 4.1.3"),
    "code_verifier": Parameter(
        _("The secret behind the challenge of step 1. Whoever stole the code does not have it."), "RFC 7636 4.5"
    ),
    "client_assertion": Parameter(_("A JWT signed with the client's own key."), "RFC 7523 2.2"),
    "client_assertion_type": Parameter(_("Says that the assertion is a JWT."), "RFC 7523 2.2"),
}


def explained(pairs: Iterable[tuple[str, str]]) -> list[Shown]:
    """Each pair with what it is."""
    return [Shown(name, value, PARAMETERS.get(name, UNKNOWN)) for name, value in pairs]
