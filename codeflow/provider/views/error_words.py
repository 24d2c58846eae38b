"""What each error page says: to the person what happened and what to do, to the developer the rule and the fix.

RFC 6749 4.1.2.1; RFC 9700 2.1; OIDC Core 3.1.2.1; RP-Initiated Logout 2. The keys are the errors' stable reasons; docs/errors.md and the
pages below errors/ list them under `slug()`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from codeflow.core.errors import OAuthError, TooManyRequests


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorWords:
    title: Any
    what: Any
    """One sentence for the person; may hold %(name)s, the application."""
    todo: Any
    fix: Any
    """For the developer."""
    spec: str = ""


_LINK = _("This sign-in link is not set up correctly")
_AGAIN = _("Please start again")
_RESTART = _("go back to where you came from and start again.")
_SIGN_OUT = _("This sign-out link is not set up correctly")
_SIGNED_IN_STILL = _("you are still signed in here; sign out on this site.")
_UNREADABLE = _("This request cannot be read")

WORDS: Mapping[str, ErrorWords] = {
    "redirect_uri_mismatch": ErrorWords(
        title=_LINK,
        what=_("%(name)s asked us to send you back to an address that is not on its list, so we stopped."),
        todo=_("go back to %(name)s and try again."),
        fix=_("Correct redirect_uri in the client, or add the address to the client's redirect URIs."),
        spec="RFC 6749 3.1.2.4; RFC 9700 2.1",
    ),
    "redirect_uri_missing": ErrorWords(
        title=_LINK,
        what=_("%(name)s did not say where to send you back to, so we stopped."),
        todo=_("go back to %(name)s and try again."),
        fix=_("Send redirect_uri with every authorization request, exactly as it is registered."),
        spec="OIDC Core 3.1.2.1",
    ),
    "redirect_uri_unsafe": ErrorWords(
        title=_LINK,
        what=_("%(name)s asked us to send you back to an address that is not safe to use, so we stopped."),
        todo=_("go back to %(name)s and try again."),
        fix=_("The address was registered before a rule forbade it: replace it by an https address."),
        spec="RFC 9700 4.1",
    ),
    "unknown_client": ErrorWords(
        title=_LINK,
        what=_("This server does not know an application with that key."),
        todo=_RESTART,
        fix=_("Compare client_id with the client's page in the admin; it may also have been switched off or deleted."),
        spec="RFC 6749 4.1.2.1",
    ),
    "client_id_missing": ErrorWords(
        title=_LINK,
        what=_("The link that brought you here does not say which application it belongs to."),
        todo=_RESTART,
        fix=_("Send client_id with every authorization request."),
        spec="RFC 6749 4.1.1",
    ),
    "deleted_meanwhile": ErrorWords(
        title=_AGAIN,
        what=_("What you were signing in to, or your account, was removed meanwhile."),
        todo=_RESTART,
        fix=_("The client's or the user's row was deleted while the request was answered."),
    ),
    "repeated": ErrorWords(
        title=_LINK,
        what=_("The link that brought you here says something twice, so we stopped."),
        todo=_RESTART,
        fix=_("Send client_id, redirect_uri and state once each."),
        spec="RFC 6749 3.1",
    ),
    "too_long": ErrorWords(
        title=_LINK,
        what=_("The link that brought you here is too long to be right."),
        todo=_RESTART,
        fix=_("client_id has up to 255 characters, redirect_uri up to 2000, state up to 4096."),
    ),
    "decision": ErrorWords(
        title=_("This page has been answered already"),
        what=_("What you answered the first time counts; sending it again changes nothing."),
        todo=_("go back to where you came from."),
        fix=_("Each consent page takes one answer; its id is spent or is not of this session."),
    ),
    "decision_expired": ErrorWords(
        title=_AGAIN,
        what=_("This page was left open too long."),
        todo=_RESTART,
        fix=_("A consent page may be answered for ten minutes."),
    ),
    "user_switched": ErrorWords(
        title=_AGAIN,
        what=_("Somebody else signed in in this browser meanwhile, so the answer did not count."),
        todo=_RESTART,
        fix=_("The session's user is not the one whom the consent page asked."),
    ),
    "scope_changed": ErrorWords(
        title=_AGAIN,
        what=_("What %(name)s may ask for changed while the page was open, so the answer did not count."),
        todo=_RESTART,
        fix=_("The client's scopes were changed between the consent page and the answer."),
    ),
    "resume": ErrorWords(
        title=_AGAIN,
        what=_("The address of the sign-in page was damaged on the way."),
        todo=_RESTART,
        fix=_("A sign-in page must hand on the whole value of `next`, unchanged."),
    ),
    "resume_expired": ErrorWords(
        title=_AGAIN,
        what=_("This sign-in took too long."),
        todo=_RESTART,
        fix=_("Between the first request and the sign-in an hour may pass; the clocks of several servers must agree."),
    ),
    "sign_in_loop": ErrorWords(
        title=_("Signing in did not help"),
        what=_("You signed in, and this site did not notice."),
        todo=_("allow cookies for this site, then start again."),
        fix=_("The sign-in page must use Django's login(), on the same host, with the same session cookie."),
    ),
    "rate_limited": ErrorWords(
        title=_("Too many attempts"),
        what=_("There were too many attempts in a short time."),
        todo=_("wait a few minutes, then try again."),
        fix=_("The limits are those of CODEFLOW_PROVIDER['LIMITS']; Retry-After says how long to wait."),
        spec="RFC 6585 4",
    ),
    "logout_uri_mismatch": ErrorWords(
        title=_SIGN_OUT,
        what=_("%(name)s asked us to send you to an address that is not on its list, so we stopped."),
        todo=_SIGNED_IN_STILL,
        fix=_("Correct post_logout_redirect_uri in the client, or add it to the client's sign-out addresses."),
        spec="RP-Initiated Logout 2, 3",
    ),
    "id_token_hint": ErrorWords(
        title=_SIGN_OUT,
        what=_("The link that brought you here holds something that this server did not issue."),
        todo=_SIGNED_IN_STILL,
        fix=_("Send as id_token_hint the ID token that this server issued to the client."),
        spec="RP-Initiated Logout 2",
    ),
    "client_mismatch": ErrorWords(
        title=_SIGN_OUT,
        what=_("The link that brought you here names two applications."),
        todo=_SIGNED_IN_STILL,
        fix=_("client_id must be the audience of the id_token_hint."),
        spec="RP-Initiated Logout 2",
    ),
    "no_client": ErrorWords(
        title=_SIGN_OUT,
        what=_("The link that brought you here does not say which application it belongs to."),
        todo=_SIGNED_IN_STILL,
        fix=_("Send id_token_hint or client_id with post_logout_redirect_uri."),
        spec="RP-Initiated Logout 2",
    ),
    "confirmed": ErrorWords(
        title=_SIGN_OUT,
        what=_("This page is damaged."),
        todo=_SIGNED_IN_STILL,
        fix=_("The field `confirmed` is not what the confirmation page held, or SECRET_KEY has changed."),
    ),
    "unreadable": ErrorWords(
        title=_UNREADABLE,
        what=_("What your browser sent is not in a form that this server reads."),
        todo=_RESTART,
        fix=_("Send UTF-8, percent-encoded, as application/x-www-form-urlencoded, and no more than 128 KiB."),
        spec="RFC 6749 3.1, appendix B",
    ),
    "server_error": ErrorWords(
        title=_("Something went wrong here"),
        what=_("This server met a problem of its own."),
        todo=_("try again in a minute."),
        fix=_("The log has the traceback; search it for the support code."),
    ),
    "other": ErrorWords(
        title=_("This did not work"),
        what=_("This server cannot go on with what it was asked."),
        todo=_RESTART,
        fix=_("The error's description and the audit event say what was wrong."),
    ),
}

_ALIKE = {
    "decision_replayed": "decision",
    **dict.fromkeys(("media_type", "charset", "percent", "utf8", "too_many", "unreadable_body"), "unreadable"),
    **dict.fromkeys(("body_too_large", "control_character"), "unreadable"),
}
"""Reasons that are one thing for people."""


def reason_of(error: OAuthError, event: str = "") -> str:
    """The key of WORDS that fits best."""
    reason = _ALIKE.get(error.reason, error.reason)
    if reason == "redirect_uri_mismatch" and event.startswith("logout"):
        return "logout_uri_mismatch"
    if reason in WORDS:
        return reason
    if isinstance(error, TooManyRequests):
        return "rate_limited"
    return "server_error" if error.status_code >= 500 else "other"


def words_for(reason: str, name: str = "") -> ErrorWords:
    """The words, with the application's name in them; "the application" where it is not known."""
    words = WORDS[reason]
    called = {"name": name or _("The application")}
    inside = {"name": name or _("the application")}
    return ErrorWords(
        title=words.title,
        what=str(words.what) % called,
        todo=str(words.todo) % inside,
        fix=words.fix,
        spec=words.spec,
    )


def slug(reason: str) -> str:
    """The reason as it stands in an address."""
    return reason.replace("_", "-")
