"""A client's settings, judged one by one: what is right, what is weak, what does not work, and the line that mends it.

RFC 9700 2.1, 2.1.1; OIDC Core 2, 8; RFC 8252 8.3, 8.6. Nothing is sent or fetched, and no row is written.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from codeflow.core.findings import NOTE, PROBLEM, WARNING, Finding
from codeflow.core.redirect_uris import redirect_uri_problem
from codeflow.provider import key_store
from codeflow.provider.models import Client, ClientSecret, SigningKey
from codeflow.provider.models.client import AccessTokenFormat
from codeflow.provider.models.client_addresses import in_words

SOON = timedelta(days=14)


def findings_of(client: Client) -> Iterator[Finding]:
    """Everything, right or wrong."""
    yield from _active(client)
    yield from _invalid_fields(client)
    yield from _redirect_uris(client)
    if not client.is_public:
        yield from _secrets(client)
    yield from _pkce(client)
    yield from _scopes(client)
    yield from _signing(client)
    yield from _trust(client)


def problems_of(client: Client) -> Iterator[Finding]:
    """What is not as it should be."""
    return (finding for finding in findings_of(client) if finding.level != "ok")


def _active(client: Client) -> Iterator[Finding]:
    if client.is_active:
        yield Finding(check="client", subject=client.client_id, what=_("It is active."))
        return
    what, fix = _("It is switched off."), f"manage.py codeflow_client enable {client.client_id}"
    yield Finding(check="client", level=NOTE, subject=client.client_id, what=what, fix=fix)


def _invalid_fields(client: Client) -> Iterator[Finding]:
    """Rows can be older than a rule, or written past the forms."""
    try:
        client.full_clean()
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            fix = _("Correct %(field)s in the admin.") % {"field": field}
            for message in messages:
                what = f"{field}: {message}"
                yield Finding(check="client", level=PROBLEM, subject=client.client_id, what=what, fix=fix)


def _redirect_uris(client: Client) -> Iterator[Finding]:
    for uri in client.redirect_uris.split():
        if redirect_uri_problem(uri, public_client=client.is_public) is None:
            what = _("People may come back to %(uri)s, compared character by character.") % {"uri": uri}
            yield Finding(check="redirect_uri", subject=client.client_id, what=what)
    for note in client.redirect_uri_warnings():
        fix = _("Leave it where it is meant.")
        yield Finding(check=note.code, level=NOTE, subject=client.client_id, what=in_words(note), fix=fix)
    local = [uri for uri in client.redirect_uris.split() if uri.startswith("http:")]
    if local and not client.is_public and not settings.DEBUG:
        what = _("%(uri)s is on the developer's machine.") % {"uri": local[0]}
        fix = _("Remove it where this is no developer's installation.")
        yield Finding(check="redirect_uri", level=WARNING, subject=client.client_id, what=what, fix=fix)


def _secrets(client: Client) -> Iterator[Finding]:
    now = timezone.now()
    live = [secret for secret in client.secrets.all() if secret.is_live(now)]
    fix = f"manage.py codeflow_client rotate {client.client_id}"
    if not live:
        what = _("It has no secret that is still valid: it cannot authenticate.")
        yield Finding(check="secret", level=PROBLEM, subject=client.client_id, what=what, fix=fix)
    elif ending := _last_end(live, now):
        what = _("Its last secret ends on %(day)s.") % {"day": ending}
        yield Finding(check="secret", level=WARNING, subject=client.client_id, what=what, fix=fix)
    else:
        yield Finding(check="secret", subject=client.client_id, what=_("It has a secret that works."))


def _last_end(live: list[ClientSecret], now: datetime) -> str:
    """The day on which none works any more, "" where that is far off."""
    if not all(secret.expires and secret.expires - now < SOON for secret in live):
        return ""
    return f"{max(secret.expires for secret in live if secret.expires):%Y-%m-%d}"


def _pkce(client: Client) -> Iterator[Finding]:
    if client.needs_pkce:
        what = _("It must send code_challenge, by the method S256.")
        yield Finding(check="pkce", subject=client.client_id, what=what)
        return
    what = _("It may come without PKCE.")
    fix = _("Require PKCE as soon as the client sends it (RFC 9700 2.1.1).")
    yield Finding(check="pkce", level=WARNING, subject=client.client_id, what=what, fix=fix)


def _scopes(client: Client) -> Iterator[Finding]:
    scopes = client.allowed_scopes
    if not scopes:
        what, fix = _("It may ask for nothing, so every request is refused."), _("Tick what it may ask for.")
        yield Finding(check="scope", level=PROBLEM, subject=client.client_id, what=what, fix=fix)
        return
    if "openid" not in scopes:
        what = _("Without openid it gets no ID token: it cannot sign people in, only call APIs.")
        yield Finding(check="scope", level=NOTE, subject=client.client_id, what=what, fix=_("Tick openid for sign-in."))
    what = _("It may ask for: %(scope)s.") % {"scope": client.scope}
    yield Finding(check="scope", subject=client.client_id, what=what)


def _signing(client: Client) -> Iterator[Finding]:
    """Whether what it gets can be signed (OIDC Core 10.1; RFC 9068 2)."""
    if "openid" not in client.allowed_scopes and client.access_token_format != AccessTokenFormat.JWT:
        return
    alg = client.signing_algorithm
    if _has_key(alg):
        yield Finding(check="keys", subject=client.client_id, what=_("%(alg)s signs its tokens.") % {"alg": alg})
        return
    external = key_store.is_external()
    what = _("%(alg)s has no key yet.") % {"alg": alg}
    fix = _("Add a key to the store.") if external else "manage.py codeflow_keys make"
    yield Finding(check="keys", level=PROBLEM if external else NOTE, subject=client.client_id, what=what, fix=fix)


def _has_key(alg: str) -> bool:
    if not key_store.is_external():
        return SigningKey.objects.filter(alg=alg).exists()
    try:
        return bool(key_store.signing_key(alg))
    except ImproperlyConfigured:
        return False


def _trust(client: Client) -> Iterator[Finding]:
    if client.skip_authorization:
        why = client.skip_authorization_reason
        what = _("People are not asked. Why: %(why)s.") % {"why": why or _("nobody said")}
        fix = "" if why else _("Let a superuser write down the reason, or ask people.")
        yield Finding(check="consent", level=NOTE if why else WARNING, subject=client.client_id, what=what, fix=fix)
    if client.may_introspect:
        what, fix = _("It may look into others' tokens."), _("For resource servers alone (RFC 7662).")
        yield Finding(check="introspection", level=NOTE, subject=client.client_id, what=what, fix=fix)
    if client.access_token_lifetime and client.access_token_lifetime > 24 * 3600:
        what, fix = (
            _("Its access tokens live for more than a day."),
            _("Use shorter ones, and refresh them (RFC 9700 2.2.2)."),
        )
        yield Finding(check="lifetime", level=WARNING, subject=client.client_id, what=what, fix=fix)
    if not (client.contact or client.user_id):
        what, fix = _("Nobody is named who looks after it."), _("Name a contact or an owner.")
        yield Finding(check="contact", level=NOTE, subject=client.client_id, what=what, fix=fix)
