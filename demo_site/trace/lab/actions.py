"""The run page's buttons: each does the real thing with the tokens of this browser's session, and adds to the run.

All of it by codeflow's own functions; nothing here speaks the protocol itself.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import ProviderUnavailable, ReauthRequired, RelyingPartyError
from codeflow.relying_party.grants import live_access_token, revoke
from codeflow.relying_party.models import TokenGrant
from codeflow.signals import digest
from demo_site.trace import recorder
from demo_site.trace.models import Artifact, Run

API = "notes"


class NotHere(Exception):
    """The button needs this browser to be signed in through this run; the text says so to the person."""


def perform(name: str, oidc: Any, run: Run) -> str:
    """Does one of ACTIONS; gives back what came of it, in a sentence. Raises NotHere."""
    grant = _grant_of(oidc, run)
    with recorder.following(run.pk):
        try:
            return ACTIONS[name](oidc, grant)
        except ReauthRequired as error:
            return _after_refusal(error)
        except ProviderUnavailable:
            return _("The server did not answer. Is it running?")
        except RelyingPartyError as error:
            return _("That did not work (%(code)s).") % {"code": error.code}


def is_signed_in_by(oidc: Any, run: Run) -> bool:
    """Whether this browser's session came out of this run."""
    grant = oidc.row.grant if oidc.row else None
    held = grant.held if grant else None
    return held is not None and Artifact.objects.filter(run=run, digest=digest(held.id_token)).exists()


def _grant_of(oidc: Any, run: Run) -> TokenGrant:
    if not is_signed_in_by(oidc, run):
        raise NotHere(_("This browser is not signed in through this run any more. Make the trip again, then try here."))
    grant: TokenGrant = oidc.row.grant
    return grant


def _after_refusal(error: ReauthRequired) -> str:
    if error.code == "api.insufficient_scope":
        return _("403 insufficient_scope: this access token may read notes, not add any. Only you could allow more.")
    return _("Refused, and no refresh token helps any more: only a new sign-in would.")


def refresh(oidc: Any, grant: TokenGrant) -> str:
    held = grant.held
    live_access_token(grant, conf.provider(grant.identity.provider_key), refused=held.access_token if held else "")
    return _("Refreshed: a new access token and a new refresh token came, and the old refresh token is spent.")


def call_api(oidc: Any, grant: TokenGrant) -> str:
    answer = oidc.api(API).get("notes/")
    return _("The API answered %(status)s.") % {"status": answer.status_code}


def call_with_wider_scope(oidc: Any, grant: TokenGrant) -> str:
    answer = oidc.api(API).post("notes/", json={"title": "Not mine to write"})
    return _("The API answered %(status)s.") % {"status": answer.status_code}


def revoke_then_call(oidc: Any, grant: TokenGrant) -> str:
    """Revoking the refresh token ends all that came with it (RFC 7009 2.1); the API says 401, and no refresh helps."""
    revoke(grant, conf.provider(grant.identity.provider_key))
    try:
        return call_api(oidc, grant)
    except ReauthRequired as error:
        if error.code == "grant.dead":  # known before the call, so there was none
            raise
        return _("401 invalid_token: revoked. No refresh token helps any more: only a new sign-in would.")


ACTIONS: dict[str, Callable[[Any, TokenGrant], str]] = {
    "refresh": refresh,
    "call": call_api,
    "wider": call_with_wider_scope,
    "revoke": revoke_then_call,
}
