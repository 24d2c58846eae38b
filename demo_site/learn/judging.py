"""What would be refused, and by whom: one small function for each rule, judged for the demo's own client and server.

RFC 6749 4.1.1-4.1.3; RFC 7636 4.3; RFC 9207 2.4; OIDC Core 3.1.2.1, 3.1.3.7.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from django.utils.translation import gettext as _

from codeflow.core.redirect_uri_advice import redirect_uri_difference
from demo_site import environment
from demo_site.learn.pasted import AUTHORIZATION, CALLBACK, JWT, TOKEN_REQUEST, Pasted, now

CLIENT_ID, LEEWAY = "notes", 60
Finding = tuple[str, str]
"""(who refuses: client or server, why)"""


def judge(pasted: Pasted) -> list[Finding]:
    """Everything that would be refused, in the order in which it would be noticed."""
    return [(refuser, words) for refuser, rule in RULES.get(pasted.kind, ()) for words in rule(pasted)]


def _repeated(pasted: Pasted) -> Iterator[str]:
    """RFC 6749 3.1, 3.2."""
    counted = Counter(name for name, _value in pasted.pairs)
    for name in (name for name, times in counted.items() if times > 1):
        yield _("%(name)s stands there more than once.") % {"name": name}


def _known_client(pasted: Pasted) -> Iterator[str]:
    sent = pasted.values.get("client_id")
    if sent is None and pasted.kind == AUTHORIZATION:
        yield _("client_id is missing: nobody knows who is asking.")
    elif sent is not None and sent != CLIENT_ID:
        yield _('The demo\'s client is "%(known)s", not "%(sent)s".') % {"known": CLIENT_ID, "sent": sent}


def _redirect_uri(pasted: Pasted) -> Iterator[str]:
    """RFC 9700 2.1: exactly as registered; shown on a page, never redirected to."""
    registered, sent = environment.addresses().redirect_uri, pasted.values.get("redirect_uri", "")
    if not sent:
        yield _("redirect_uri is missing. Registered is %(registered)s.") % {"registered": registered}
    elif sent != registered:
        difference = redirect_uri_difference(sent, [registered])
        yield _(difference.message) % difference.params


def _response_type(pasted: Pasted) -> Iterator[str]:
    sent = pasted.values.get("response_type", "")
    if sent != "code":
        yield _('response_type is "%(sent)s"; this server knows "code" alone (RFC 9700 2.1.2).') % {"sent": sent}


def _scope(pasted: Pasted) -> Iterator[str]:
    if "openid" not in pasted.values.get("scope", "").split():
        yield _("scope has no openid: there would be no ID token, so nobody could be signed in (OIDC Core 3.1.2.1).")


def _pkce(pasted: Pasted) -> Iterator[str]:
    """RFC 7636 4.3; RFC 9700 2.1.1."""
    if not pasted.values.get("code_challenge"):
        yield _("code_challenge is missing: this server asks every client for PKCE.")
    elif pasted.values.get("code_challenge_method") != "S256":
        yield _("code_challenge_method must be S256.")


def _state(pasted: Pasted) -> Iterator[str]:
    if not pasted.values.get("state"):
        yield _("state is missing: the client could not tell this answer from one that somebody else began.")


def _issuer_of_answer(pasted: Pasted) -> Iterator[str]:
    """RFC 9207 2.4."""
    issuer, sent = environment.addresses().issuer, pasted.values.get("iss")
    if sent != issuer:
        yield _("iss is %(sent)s, and the client asked %(issuer)s.") % {"sent": sent or _("missing"), "issuer": issuer}


def _tokens_in_front(pasted: Pasted) -> Iterator[str]:
    """RFC 9700 2.1.2."""
    for name in ("access_token", "id_token"):
        if name in pasted.values:
            yield _("%(name)s came through the browser: that is the implicit flow.") % {"name": name}


def _grant(pasted: Pasted) -> Iterator[str]:
    sent = pasted.values.get("grant_type", "")
    if sent not in ("authorization_code", "refresh_token"):
        yield _('grant_type "%(sent)s" is not known here: no passwords, no tokens without a person.') % {"sent": sent}
    elif sent == "authorization_code":
        for name in ("code", "redirect_uri", "code_verifier"):
            if not pasted.values.get(name):
                yield _("%(name)s is missing.") % {"name": name}


def _secret_in_address(pasted: Pasted) -> Iterator[str]:
    """RFC 6749 2.3.1: never in the request URI."""
    if pasted.address and "client_secret" in pasted.values:
        yield _(
            "client_secret stands in an address, where logs and histories keep it. It belongs in the body or a header."
        )


def _algorithm(pasted: Pasted) -> Iterator[str]:
    """RFC 8725 3.1."""
    if pasted.header.get("alg") not in ("RS256", "ES256", "EdDSA"):
        yield _('alg is "%(sent)s", which this client does not accept.') % {"sent": str(pasted.header.get("alg"))}


def _issuer(pasted: Pasted) -> Iterator[str]:
    issuer = environment.addresses().issuer
    if pasted.claims.get("iss") != issuer:
        yield _("iss is %(sent)s, expected %(issuer)s.") % {"sent": str(pasted.claims.get("iss")), "issuer": issuer}


def _audience(pasted: Pasted) -> Iterator[str]:
    sent = pasted.claims.get("aud")
    if CLIENT_ID not in (sent if isinstance(sent, list) else [sent]):
        yield _('aud is %(sent)s: it was made for somebody else than "%(known)s".') % {
            "sent": str(sent),
            "known": CLIENT_ID,
        }


def _times(pasted: Pasted) -> Iterator[str]:
    expires, issued = _seconds(pasted.claims.get("exp")), _seconds(pasted.claims.get("iat"))
    if expires is None:
        yield _("exp is missing: nobody knows when it ends.")
    elif expires + LEEWAY < now():
        yield _("It expired %(seconds)d seconds ago.") % {"seconds": now() - expires}
    if issued is not None and issued - LEEWAY > now():
        yield _("It was made %(seconds)d seconds from now.") % {"seconds": issued - now()}


def _seconds(value: object) -> float | None:
    """RFC 7519 2, NumericDate."""
    return value if isinstance(value, int | float) and math.isfinite(value) else None


RULES: dict[str, Sequence[tuple[str, Callable[[Pasted], Iterator[str]]]]] = {
    AUTHORIZATION: [
        ("server", _repeated),
        ("server", _known_client),
        ("server", _redirect_uri),
        ("server", _response_type),
        ("server", _pkce),
        ("client", _scope),
        ("client", _state),
    ],
    CALLBACK: [
        ("client", _repeated),
        ("client", _state),
        ("client", _issuer_of_answer),
        ("client", _tokens_in_front),
    ],
    TOKEN_REQUEST: [
        ("server", _secret_in_address),
        ("server", _repeated),
        ("server", _grant),
        ("server", _known_client),
    ],
    JWT: [("client", _algorithm), ("client", _issuer), ("client", _audience), ("client", _times)],
}
