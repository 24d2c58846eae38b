"""Explains a pasted token request against a client: each parameter, the code it carries, and whether verifier and secret fit.

RFC 6749 4.1.3, 5.2; RFC 7636 4.1, 4.6. Nothing is redeemed or changed.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from codeflow.core import pkce
from codeflow.core.findings import NOTE, OK, PROBLEM
from codeflow.core.redirect_uri_advice import redirect_uri_difference
from codeflow.provider import clients
from codeflow.provider.admin.client_pasted import TOKEN, Pasted, masked
from codeflow.provider.admin.client_verdicts import (
    Explained,
    Judged,
    Verdict,
    code_in_words,
    find_code,
    judge_client_id,
    judge_redirect_uri,
    missing,
)
from codeflow.provider.models import Client
from codeflow.provider.models.client_addresses import in_words

_HASHES = ("pbkdf2_", "argon2", "bcrypt", "scrypt", "sha256$")


@sensitive_variables()
def explain_token(client: Client, pasted: Pasted, *, may_see_secrets: bool) -> Explained:
    values = pasted.values
    rows = [_judge_token(client, name, value, values, may_see_secrets) for name, value in pasted.pairs]
    rows += [missing(name) for name in _wanted_at_token(client, values) if name not in values]
    bad = [row for row in rows if row.level == PROBLEM]
    verdict = f"{bad[0].name}: {bad[0].words}" if bad else _("Nothing in it is wrong, as far as this page can tell.")
    return Explained(kind=TOKEN, title=_("A token request"), verdict=verdict, level=PROBLEM if bad else OK, rows=rows)


def _wanted_at_token(client: Client, values: Mapping[str, str]) -> tuple[str, ...]:
    who = ("client_id",) if client.is_public else ("client_id", "client_secret")
    if values.get("grant_type") == "refresh_token":
        return (*who, "refresh_token")
    return (*who, "code", "redirect_uri", *(("code_verifier",) if client.needs_pkce else ()))


@sensitive_variables()
def _judge_token(client: Client, name: str, value: str, values: Mapping[str, str], may_see_secrets: bool) -> Judged:
    level, words = NOTE, _("It is not known here, and ignored.")
    if name == "grant_type":
        level, words = _judge_grant_type(value)
    elif name == "client_id":
        level, words = judge_client_id(client, value, values)
    elif name == "redirect_uri":
        level, words = _judge_token_redirect_uri(client, value, values)
    elif name == "code":
        level, words = code_in_words(client, value)
    elif name == "code_verifier":
        level, words = _judge_verifier(value, values)
    elif name == "client_secret":
        level, words = _judge_secret(client, value, may_see_secrets)
    elif name in ("refresh_token", "scope"):
        level, words = OK, _("It is known.")
    return Judged(name=name, shown=masked(name, value), level=level, words=words)


def _judge_grant_type(value: str) -> Verdict:
    if value in ("authorization_code", "refresh_token"):
        return OK, _("It exists here.")
    return PROBLEM, _("Only authorization_code and refresh_token exist here.")


@sensitive_variables()
def _judge_token_redirect_uri(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    """The one of the authorization request, exactly (RFC 6749 4.1.3)."""
    row = find_code(values.get("code", ""))
    if row is not None and row.redirect_uri != value:
        return PROBLEM, in_words(redirect_uri_difference(value, [row.redirect_uri]))
    return judge_redirect_uri(client, value, values)


@sensitive_variables()
def _judge_verifier(value: str, values: Mapping[str, str]) -> Verdict:
    if not pkce.is_code_verifier(value):
        return PROBLEM, _("It must be 43 to 128 characters: letters, digits, -._~ (RFC 7636 4.1).")
    row = find_code(values.get("code", ""))
    if row is None:
        return OK, _("It has the right form.")
    if pkce.code_verifier_matches(value, row.code_challenge):
        return OK, _("It fits the challenge.")
    return PROBLEM, _("It does not fit the challenge of this code: it belongs to another attempt.")


@sensitive_variables()
def _judge_secret(client: Client, value: str, may_see_secrets: bool) -> Verdict:
    if client.is_public:
        return PROBLEM, _("This client is public: it has no secret to send.")
    if value.startswith(_HASHES):
        return PROBLEM, _(
            "This looks like a stored hash, not like a secret. Make a new secret, and send what the page shows."
        )
    if not may_see_secrets:
        return NOTE, _("Whether it is right is for people who may rotate secrets.")
    if len(value) > clients.MAX_SECRET:
        return PROBLEM, _("It is longer than any secret.")
    for secret in client.secrets.order_by("-pk"):
        if clients.secret_matches(value, secret.hash):
            if secret.is_live():
                return OK, _("The secret …%(hint)s, which works.") % {"hint": secret.hint}
            return PROBLEM, _("The secret …%(hint)s, which has ended.") % {"hint": secret.hint}
    return PROBLEM, _("None of this client's secrets.")
