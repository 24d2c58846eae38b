"""Explains what somebody pasted: an authorization request, the address they came back to, or a token request.

RFC 6749 4.1.1-4.1.3, 5.2; OIDC Core 3.1.2.1; RFC 7636 4; RFC 9207. Every parameter is judged against one client by the checks of the
endpoints themselves. Nothing is sent, fetched or kept, and what is secret is answered with stars.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from codeflow.core import pkce
from codeflow.core.errors import OAuthError
from codeflow.core.findings import NOTE, OK, PROBLEM
from codeflow.provider.admin.client_explain_token import explain_token
from codeflow.provider.admin.client_pasted import AUTHORIZATION, CALLBACK, TOKEN, UNKNOWN, Pasted, masked, read
from codeflow.provider.admin.client_snippets import endpoint_or_guess, issuer
from codeflow.provider.admin.client_verdicts import (
    Explained,
    Judged,
    Verdict,
    code_in_words,
    judge_client_id,
    judge_redirect_uri,
    missing,
)
from codeflow.provider.conf import provider_settings
from codeflow.provider.flow import step2_authorization_request
from codeflow.provider.models import Client

MOST = 20_000
"""Characters that are looked at."""


@sensitive_variables()
def explain(client: Client, text: str, *, may_see_secrets: bool = False) -> Explained:
    """`may_see_secrets`: whether to say which secret was pasted, for people who may rotate them."""
    pasted = read(text[:MOST])
    if pasted.kind == AUTHORIZATION:
        return _explain_authorization(client, pasted)
    if pasted.kind == CALLBACK:
        return _explain_callback(client, pasted)
    if pasted.kind == TOKEN:
        return explain_token(client, pasted, may_see_secrets=may_see_secrets)
    words = _(
        "This is no authorization request (…?response_type=code&…), no address that people come back to (…?code=… or ?error=…) "
        "and no token request (grant_type=…)."
    )
    return Explained(kind=UNKNOWN, title=_("Not recognised"), verdict=words, level=PROBLEM, rows=[])


# -- the authorization request ----------------------------------------------------------------------------------------


def _explain_authorization(client: Client, pasted: Pasted) -> Explained:
    verdict, level = _("This server takes the request."), OK
    try:
        destination = step2_authorization_request.check_destination(pasted.pairs)
        step2_authorization_request.check_request(destination, pasted.pairs)
    except OAuthError as error:
        verdict = _("It is refused: %(error)s, “%(words)s”") % {"error": error.error, "words": error.description}
        level = PROBLEM
    rows = [_judge_base(pasted.base), *(_judge(client, name, value, pasted.values) for name, value in pasted.pairs)]
    rows += [missing(name) for name in _wanted(client) if name not in pasted.values]
    title = _("An authorization request")
    return Explained(kind=AUTHORIZATION, title=title, verdict=verdict, level=level, rows=rows)


def _judge_base(base: str) -> Judged:
    expected = endpoint_or_guess("authorization_endpoint", "authorize")
    if base.rstrip("/") == expected.rstrip("/"):
        return Judged(name=_("address"), shown=base, level=OK, words=_("The authorization endpoint of this server."))
    words = _("The authorization endpoint of this server is %(expected)s.") % {"expected": expected}
    return Judged(name=_("address"), shown=base, level=PROBLEM, words=words)


def _wanted(client: Client) -> tuple[str, ...]:
    always = ("response_type", "client_id", "redirect_uri", "scope", "state")
    return (*always, *(("code_challenge", "code_challenge_method") if client.needs_pkce else ()))


def _judge(client: Client, name: str, value: str, values: Mapping[str, str]) -> Judged:
    judge = _JUDGES.get(name)
    level, words = judge(client, value, values) if judge else (NOTE, _("It is not known here, and ignored."))
    return Judged(name=name, shown=masked(name, value), level=level, words=words)


def _judge_response_type(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    return (OK, _("The only one.")) if value == "code" else (PROBLEM, _("Only code exists here (RFC 9700 2.1.2)."))


def _judge_scope(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    asked = value.split()
    unknown = [scope for scope in asked if scope not in provider_settings.scopes]
    denied = [scope for scope in asked if scope in provider_settings.scopes and scope not in client.allowed_scopes]
    if denied:
        words = _("This client may not ask for %(scope)s. It may ask for: %(allowed)s.")
        return PROBLEM, words % {"scope": " ".join(denied), "allowed": client.scope}
    if unknown:
        level = NOTE if "openid" in asked else PROBLEM  # OIDC Core 3.1.2.1: with openid, unknown ones are ignored
        return level, _("This server does not know %(scope)s.") % {"scope": " ".join(unknown)}
    return (OK, _("All of it is allowed.")) if asked else (PROBLEM, _("It is empty."))


def _judge_challenge(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    if pkce.is_code_challenge(value):
        return OK, _("It has the right form; the verifier to it goes with the token request.")
    return PROBLEM, _("It must be 43 base64url characters: the SHA-256 of the verifier, without “=” (RFC 7636 4.2).")


def _judge_method(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    return (OK, _("The only one.")) if value == pkce.S256 else (PROBLEM, _("It must be S256 (RFC 9700 2.1.1)."))


def _judge_response_mode(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    known = step2_authorization_request.RESPONSE_MODES
    return (
        (OK, _("It is known."))
        if value in known
        else (PROBLEM, _("It must be %(known)s.") % {"known": " / ".join(known)})
    )


def _judge_prompt(client: Client, value: str, values: Mapping[str, str]) -> Verdict:
    unknown = set(value.split()) - step2_authorization_request.PROMPTS
    if unknown:
        return PROBLEM, _("Unknown: %(values)s.") % {"values": " ".join(sorted(unknown))}
    return OK, _("It says whether the person is asked, and what for.")


def _judge_nothing(words: str, level: str = OK) -> Callable[..., Verdict]:
    """A parameter that only the request as a whole can get wrong."""
    return lambda client, value, values: (level, _(words)) if value else (NOTE, _("It is empty, so it does not count."))


def _mark(words: str) -> str:
    """For makemessages; translated when it is shown."""
    return words


gettext_noop = _mark

_JUDGES: Mapping[str, Callable[[Client, str, Mapping[str, str]], Verdict]] = {
    "client_id": judge_client_id,
    "redirect_uri": judge_redirect_uri,
    "response_type": _judge_response_type,
    "response_mode": _judge_response_mode,
    "scope": _judge_scope,
    "code_challenge": _judge_challenge,
    "code_challenge_method": _judge_method,
    "prompt": _judge_prompt,
    "state": _judge_nothing(gettext_noop("It comes back as it is; the client compares it.")),
    "nonce": _judge_nothing(gettext_noop("It comes back inside the ID token; the client compares it.")),
    "max_age": _judge_nothing(gettext_noop("The longest that the sign-in may lie back, in seconds.")),
    "login_hint": _judge_nothing(gettext_noop("It fills in the sign-in page.")),
    "acr_values": _judge_nothing(gettext_noop("How strongly the person should be authenticated.")),
    "ui_locales": _judge_nothing(gettext_noop("It is not used here.")),
    "display": _judge_nothing(gettext_noop("It is not used here.")),
    "claims": _judge_nothing(gettext_noop("Claims asked for one by one (OIDC Core 5.5).")),
    "resource": _judge_nothing(gettext_noop("The API that the token is for (RFC 8707).")),
    "id_token_hint": _judge_nothing(gettext_noop("An earlier ID token: it says who is expected.")),
    "request": _judge_nothing(gettext_noop("Request objects are not supported here."), PROBLEM),
    "request_uri": _judge_nothing(
        gettext_noop("Request objects are not supported here, and nothing is fetched."), PROBLEM
    ),
    "client_secret": _judge_nothing(
        gettext_noop(
            "A secret in an address is known to browsers and logs: rotate it now, and send it to the token endpoint alone."
        ),
        PROBLEM,
    ),
}


# -- the way back -----------------------------------------------------------------------------------------------------


ERRORS: Mapping[str, str] = {
    "access_denied": gettext_noop("The person said no. Nothing was shared."),
    "invalid_scope": gettext_noop("A scope is unknown here, or not allowed for this client."),
    "invalid_request": gettext_noop("A parameter is missing, repeated or malformed; error_description says which."),
    "unauthorized_client": gettext_noop("The client may not use this flow."),
    "unsupported_response_type": gettext_noop("Only response_type=code exists here."),
    "login_required": gettext_noop("prompt=none, and nobody is signed in."),
    "consent_required": gettext_noop("prompt=none, and the person has to be asked."),
    "interaction_required": gettext_noop("prompt=none, and the person has to do something first."),
    "server_error": gettext_noop("Something failed here; the audit trail has the support code."),
    "temporarily_unavailable": gettext_noop("This server could not answer just then. Try again."),
}


def _explain_callback(client: Client, pasted: Pasted) -> Explained:
    values = pasted.values
    level, words = judge_redirect_uri(client, _as_registered(client, pasted.base), {})
    rows = [Judged(name="redirect_uri", shown=pasted.base, level=level, words=words)]
    rows += [_judge_back(client, name, value) for name, value in pasted.pairs]
    if "iss" not in values:
        rows.append(
            Judged(name="iss", shown="", level=NOTE, words=_("It is missing: this server sends it (RFC 9207)."))
        )
    bad = [row for row in rows if row.level == PROBLEM]
    verdict = bad[0].words if bad else _("This is what the client expects; it redeems the code now.")
    return Explained(
        kind=CALLBACK,
        title=_("An address that somebody came back to"),
        verdict=verdict,
        level=PROBLEM if bad else OK,
        rows=rows,
    )


def _as_registered(client: Client, base: str) -> str:
    """With the query that the registered address has of its own."""
    return next((uri for uri in client.redirect_uris.split() if uri.partition("?")[0] == base), base)


def _judge_back(client: Client, name: str, value: str) -> Judged:
    shown = masked(name, value)
    if name == "code":
        level, words = code_in_words(client, value)
        return Judged(name=name, shown=shown, level=level, words=words)
    if name == "error":
        words = _(ERRORS.get(value, gettext_noop("An error that this server does not send.")))
        return Judged(name=name, shown=shown, level=PROBLEM, words=words)
    if name == "iss":
        same = value == issuer()
        words = _("This server.") if same else _("Another server: this one is %(issuer)s.") % {"issuer": issuer()}
        return Judged(name=name, shown=shown, level=OK if same else PROBLEM, words=words)
    known = {"state": _("What the client sent; it must find it again."), "error_description": _("Why, in words.")}
    return Judged(
        name=name, shown=shown, level=OK if name in known else NOTE, words=known.get(name, _("Not from here."))
    )
