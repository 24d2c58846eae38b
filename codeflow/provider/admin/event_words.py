"""What each event of the audit trail means, in a sentence; unknown ones are shown by their code."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from codeflow.signals import ERROR, OK, REFUSED

EVENTS: Mapping[str, Any] = {
    "audit.exported": _("Staff took the audit trail out as a file."),
    "authorization.refused": _("A client's request to sign a person in was refused."),
    "client.changed": _("Staff changed a client; the reason names the fields."),
    "client.deleted": _("Staff deleted a client."),
    "client.disabled": _("A client was disabled; its tokens ended."),
    "client.enabled": _("A client was enabled again."),
    "client.exported": _("Staff took clients out as a file."),
    "client.registered": _("A client was registered."),
    "code.issued": _("A code was sent to a client for a signed-in person."),
    "consent.given": _("A person allowed a client what it asked for."),
    "consent.withdrawn": _("A consent was withdrawn; what was issued under it ended."),
    "introspection.refused": _("A question about a token was refused."),
    "key.made": _("A signing key was made."),
    "key.next_made": _("Staff had the next signing key made."),
    "key.promoted": _("Staff let the next key sign."),
    "key.retired": _("Staff retired a signing key; its successor signs."),
    "key.rotated": _("The next signing key was made or brought forward by command."),
    "key.withdrawn": _("A key was taken out of the key set."),
    "login.failed": _("A sign-in failed."),
    "login.refused": _("A sign-in was not tried: too many had failed."),
    "login.succeeded": _("A person signed in."),
    "logout.delivered": _("A client was told of a sign-out."),
    "logout.given_up": _("A client could not be told of a sign-out."),
    "logout.refused": _("A request to sign a person out was refused."),
    "revocation.refused": _("A client's request to revoke a token was refused."),
    "secret.revoked": _("A client's secret was revoked."),
    "secret.rotated": _("A client got a new secret."),
    "session.ended": _("A session ended by signing out."),
    "staff.password": _("Staff gave a wrong password before a secret or a key."),
    "token.issued": _("A code was redeemed for tokens."),
    "token.refreshed": _("A refresh token was replaced by new tokens."),
    "token.refused": _("A request for tokens was refused."),
    "token.revoked": _("A client gave a token back."),
    "tokens.revoked": _("Staff revoked tokens."),
}
OUTCOMES: Mapping[str, Any] = {OK: _("done"), REFUSED: _("refused"), ERROR: _("failed")}


def event_words(event: str) -> str:
    return str(EVENTS.get(event, event))


def outcome_words(outcome: str) -> str:
    return str(OUTCOMES.get(outcome, outcome))
