"""What a failed sign-in means to the developer who must mend it: the rule, what was expected and met, the difference, the fix.

Shown with DEBUG alone. What came from the other side is shortened and escaped; no code, token or secret is among it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import Check, RelyingPartyError

FIXES: Mapping[str, Any] = {
    "callback.state": gettext_lazy(
        "Keep to one host name from the first click to the callback: localhost and 127.0.0.1 do not share cookies. Where both sites "
        "have one host name, give each its own SESSION_COOKIE_NAME."
    ),
    "callback.used": gettext_lazy(
        "Nothing is wrong: the page was loaded again, or the attempt was older than ten minutes."
    ),
    "metadata.issuer": gettext_lazy(
        "Write `issuer` in CODEFLOW_RELYING_PARTY exactly as the provider's metadata states it."
    ),
    "id_token.iss": gettext_lazy("Write `issuer` in CODEFLOW_RELYING_PARTY exactly as the provider's tokens state it."),
    "id_token.aud": gettext_lazy("`client_id` must be the one that the provider has registered for this site."),
    "id_token.exp": gettext_lazy("Set both servers' clocks by NTP; `leeway` allows for a difference that stays."),
    "id_token.iat": gettext_lazy("Set both servers' clocks by NTP; `leeway` allows for a difference that stays."),
    "id_token.nbf": gettext_lazy("Set both servers' clocks by NTP; `leeway` allows for a difference that stays."),
    "id_token.alg": gettext_lazy("Name the algorithm that the provider signs with in `id_token_signing_alg_values`."),
    "token.error": gettext_lazy("Look the error up in the provider's log; its text is not repeated here."),
    "token.invalid_client": gettext_lazy(
        "The provider does not accept `client_id` and `client_secret`: copy both again; a stored hash is no secret."
    ),
    "token.invalid_grant": gettext_lazy(
        "The code was used, had expired, or was made for another redirect_uri or verifier."
    ),
    "account.email_known": gettext_lazy(
        'A local account has this address. `"link": "ask"` lets its owner link the two after signing in to it.'
    ),
    "account.email_missing": gettext_lazy(
        "Ask for the scope `email`, and see that the provider grants it and sends the claim; or drop `require_email`."
    ),
    "scope.missing": gettext_lazy(
        "Allow the client these scopes at the provider, or leave them out of `required_scope`."
    ),
}
"""Error code → what to do. A code without a line of its own is explained by its rule alone."""

_STAGES: Mapping[str, Any] = {
    "metadata": gettext_lazy("manage.py codeflow_doctor asks the provider and names each thing that does not fit."),
    "jwks": gettext_lazy("manage.py codeflow_doctor asks the provider for its keys and says what is wrong with them."),
    "token": gettext_lazy("manage.py codeflow_doctor compares the settings with the provider's metadata."),
    "configuration": gettext_lazy("Correct CODEFLOW_RELYING_PARTY; manage.py check names the line."),
}


def developer_words(request: HttpRequest, error: RelyingPartyError, provider: str) -> dict[str, Any]:
    """The template's names for one failure."""
    failed = next((item for item in error.checks if not item.passed), None)
    stage = error.code.partition(".")[0]
    return {
        "code": error.code,
        "detail": "" if failed else error.detail,
        "check": failed,
        "difference": _difference(failed) if failed else "",
        "hosts": _other_host(request, provider) if error.code == "callback.state" else "",
        "fix": FIXES.get(error.code, _STAGES.get(stage, "")),
    }


def _difference(failed: Check) -> str:
    """For addresses that look alike, what tells them apart."""
    expected, actual = failed.expected, failed.actual
    if actual == f"{expected}/":
        return _('The one that came has a "/" at its end, the expected one has none.')
    if expected == f"{actual}/":
        return _('The one that came lacks the "/" at its end.')
    if {urlsplit(actual).scheme, urlsplit(expected).scheme} == {"http", "https"}:
        return _("One begins with http://, the other with https://: the server speaks %(scheme)s here.") % {
            "scheme": urlsplit(actual).scheme
        }
    return ""


def _other_host(request: HttpRequest, provider: str) -> str:
    """The commonest cause: the sign-in began under one name of this machine and came back under another."""
    public = urlsplit(conf.public_url).netloc if conf.public_url else ""
    if not public or public == request.get_host():
        return ""
    return _("This page was opened at %(here)s; PUBLIC_URL says %(public)s.") % {
        "here": request.get_host(),
        "public": public,
    }
