"""A sign-in on trial: steps 1 to 7 as always, and then a look at whom they would sign in, instead of the sign-in.

OIDC Core 3.1.3.7, 5.7. Nothing is created, no session is touched, and no token is kept: a refresh token is given back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from codeflow.relying_party import signals
from codeflow.relying_party.backends import email_is_known, new_user_fields
from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import NotAllowed, RelyingPartyError
from codeflow.relying_party.flow.profile import read_profile
from codeflow.relying_party.flow.revocation import revoke_refresh_token
from codeflow.relying_party.flow.step4_authorization_response import Pairs
from codeflow.relying_party.login import Identified, Round
from codeflow.relying_party.models import Identity, subject_key
from codeflow.relying_party.roles import FLAGS, claimed_roles

PERMISSION = "codeflow_relying_party.view_signinprovider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What staff see: who came back, with which claims and scope, and what would become of them here."""

    issuer: str
    sub: str
    scope: str
    claims: Mapping[str, Any] = field(repr=False)
    account: str
    roles: tuple[str, ...]
    gave_back: bool
    """A refresh token came, and was given back at the provider."""


def try_out(round_: Round, parameters: Pairs, response_mode: str) -> Trial:
    """The whole way of a callback, without its end. Raises RelyingPartyError."""
    _check_person(round_)
    identified = round_.identify(parameters, response_mode)
    gave_back = _give_back(round_, identified)
    return Trial(
        issuer=identified.subject.iss,
        sub=identified.subject.sub,
        scope=identified.tokens.scope,
        claims=dict(sorted(identified.claims.items())),
        account=_account(round_, identified),
        roles=_roles(round_.provider.name, identified.claims),
        gave_back=gave_back,
    )


def _check_person(round_: Round) -> None:
    """Only the member of staff who began it sees the claims (RFC 9700 4.7)."""
    user: Any = round_.request.user
    if str(user.pk) != round_.pending.trial_by or not user.is_staff or not user.has_perm(PERMISSION):
        raise NotAllowed("trial.other_user", "another person began this trial, or nobody is signed in any more")


def _account(round_: Round, identified: Identified) -> str:
    """By the rules of the backend, in its order; hooks are not called, for they may do something."""
    subject = identified.subject
    known = Identity.objects.select_related("user").filter(subject_key=subject_key(subject.iss, subject.sub)).first()
    if known is not None and not known.user.is_active:
        return _("Refused: %(user)s is linked, and is not active.") % {"user": known.user}
    if known is not None:
        return _("%(user)s, who is linked to this account.") % {"user": known.user}
    if conf.hook(round_.provider.name, "on_identity"):
        return _("Your hook on_identity decides; it was not called.")
    profile = read_profile(identified.claims, round_.provider)
    if email_is_known(profile):
        return _("Refused: a local account has the address %(email)s already.") % {"email": profile.email}
    fields = new_user_fields(profile)
    named = ", ".join(f"{name}: {value}" for name, value in fields.items() if name != get_user_model().USERNAME_FIELD)
    return _("A new local user (%(fields)s).") % {"fields": named or _("no name, no e-mail address")}


def _roles(name: str, claims: Mapping[str, Any]) -> tuple[str, ...]:
    """The groups and flags that the rules of the settings would give."""
    rules = conf.groups(name)
    values = claimed_roles(claims, str(rules.get("claim", ""))) or frozenset()
    groups = [group for value, group in rules.get("map", {}).items() if value in values]
    flags = [flag for key, flag in FLAGS if not values.isdisjoint(rules.get(key, ()))]
    return tuple(dict.fromkeys([*groups, *flags]))


def _give_back(round_: Round, identified: Identified) -> bool:
    """Best effort, as at every sign-out."""
    token, metadata = identified.tokens.response.refresh_token, round_.metadata
    if not token or not metadata.revocation_endpoint:
        return False
    try:
        problem = revoke_refresh_token(token, provider=round_.provider, metadata=metadata, outside=round_.world)
    except RelyingPartyError as error:
        problem = str(error)
    if problem:
        signals.logger.warning(
            "refresh token of a trial not revoked: provider=%s detail=%s", round_.provider.name, problem
        )
    return not problem
