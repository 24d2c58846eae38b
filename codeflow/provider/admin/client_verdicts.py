"""How one parameter of a pasted request fares against a client, in words: what the authorization and the token request share.

RFC 6749 4.1.2, 4.1.3; RFC 9700 2.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from codeflow.core.findings import NOTE, OK, PROBLEM
from codeflow.core.redirect_uri_advice import redirect_uri_difference
from codeflow.provider.models import AuthorizationCode, Client
from codeflow.provider.models.client_addresses import in_words
from codeflow.provider.models.tokens import token_hash

Verdict = tuple[str, str]
"""Level and words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One parameter: what it is, what it holds (masked), and how it fares against the client."""

    name: str
    shown: str
    level: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    kind: str
    title: str
    verdict: str
    level: str
    rows: list[Judged]


def judge_client_id(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    if value == client.client_id:
        return OK, _("The key of this client.")
    if value.strip() == client.client_id:
        return PROBLEM, _("The key of this client, with a space around it. Remove it.")
    return PROBLEM, _("Another key: this client's is %(key)s.") % {"key": client.client_id}


def judge_redirect_uri(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    if client.redirect_uri_allowed(value):
        return OK, _("It is registered.")
    return PROBLEM, in_words(redirect_uri_difference(value, client.redirect_uris.split()))


def missing(name: str) -> Judged:
    if name == "state":
        return Judged(name=name, shown="", level=NOTE, words=_("It is missing: send a random value, and compare it."))
    return Judged(name=name, shown="", level=PROBLEM, words=_("It is missing."))


def find_code(value: str) -> AuthorizationCode | None:
    return AuthorizationCode.objects.filter(code_hash=token_hash(value)).select_related("application").first()


def code_in_words(client: Client, value: str) -> Verdict:
    row = find_code(value)
    if row is None:
        return PROBLEM, _("This server does not know the code, or knows it no more: it lives for a minute.")
    if row.application_id != client.pk:
        return PROBLEM, _("The code was issued to another client.")
    if row.redeemed_at:
        return PROBLEM, _("The code has been redeemed. A second time it is refused, and its tokens end.")
    if row.expires <= timezone.now():
        return PROBLEM, _("The code has expired: redeem it within a minute.")
    return OK, _("The code is good, once.")
