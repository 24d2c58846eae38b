"""What codeflow_doctor says about the provider: settings and gates, issuer, keys, and clients with problems."""

from collections.abc import Iterator
from difflib import get_close_matches

from django.conf import settings
from django.core.checks import ERROR, CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils import timezone

from codeflow.core.findings import NOTE, PROBLEM, WARNING, Finding
from codeflow.core.sealing import SealBroken
from codeflow.core.uris import openid_configuration_url
from codeflow.http import Door, HttpError
from codeflow.provider import checks, clearing, key_store, keys
from codeflow.provider.client_findings import problems_of
from codeflow.provider.conf import provider_settings
from codeflow.provider.models import Client, LogoutDelivery, SigningKey
from codeflow.sweeping import backlog

DEADLINE = 5.0


def findings(client_id: str = "") -> Iterator[Finding]:
    """About one client, or about everything."""
    try:
        yield from _one_client(client_id) if client_id else _everything()
    except DatabaseError as error:
        fix = "manage.py migrate"
        yield Finding(
            check="database", level=PROBLEM, what=f"The tables cannot be read ({type(error).__name__}).", fix=fix
        )


def _everything() -> Iterator[Finding]:
    messages = [message for check in checks.CHECKS for message in check()]
    yield from (_as_finding(message) for message in messages)
    if not messages:
        yield Finding(check="settings", what="The system checks find nothing; every gate of RFC 9700 is on.")
    yield from _published()
    yield from _keys()
    yield from _deliveries()
    yield from backlog(clearing.sweeps())
    yield from _clients()


def _as_finding(message: CheckMessage) -> Finding:
    level = PROBLEM if message.level >= ERROR else WARNING
    return Finding(check=str(message.id), level=level, what=str(message.msg), fix=str(message.hint or ""))


def _published() -> Iterator[Finding]:
    """Asks for the metadata as a client would: a proxy that rewrites addresses shows here."""
    try:
        issuer = provider_settings.issuer
    except ImproperlyConfigured:  # the system checks have told it
        return
    url = openid_configuration_url(issuer)
    try:
        stated = Door(allow_http_loopback=settings.DEBUG, deadline=DEADLINE).get(url).json_object().get("issuer")
    except HttpError as error:
        fix = "Harmless where this machine cannot reach its own public address; else look at DNS, proxy, certificate."
        yield Finding(check="issuer", level=WARNING, what=f"{url} gives no metadata ({error}).", fix=fix)
        return
    if stated != issuer:
        fix = "The issuer's address must lead to this site: correct OIDC_ISS_ENDPOINT or the proxy."
        yield Finding(check="issuer", level=PROBLEM, what=f"{url} states another issuer, {stated!r}.", fix=fix)
        return
    yield Finding(check="issuer", what=f"{issuer} is published as such.")


def _keys() -> Iterator[Finding]:
    if key_store.is_external():
        yield from _external_keys()
        return
    rows = list(SigningKey.objects.order_by("alg", "generation"))
    for alg in provider_settings.signing_algorithms:
        mine = [row for row in rows if row.alg == alg]
        yield (
            _key(alg, mine)
            if mine
            else Finding(
                check="keys",
                level=NOTE,
                what=f"{alg} has no key yet; the first request makes it.",
                fix="manage.py codeflow_keys make",
            )
        )


def _key(alg: str, rows: list[SigningKey]) -> Finding:
    now = timezone.now()
    states = ", ".join(f"{row.kid[:8]} {keys.key_state(row, rows, now)}" for row in rows[-4:])
    try:
        keys.signing_key(alg)
    except SealBroken:
        fix = "Put the earlier SECRET_KEY into SECRET_KEY_FALLBACKS, or: manage.py codeflow_keys rotate --now"
        return Finding(check="keys", level=PROBLEM, what=f"The {alg} key cannot be decrypted ({states}).", fix=fix)
    return Finding(check="keys", what=f"{alg}: {states}.")


def _external_keys() -> Iterator[Finding]:
    for alg in provider_settings.signing_algorithms:
        try:
            pair = key_store.signing_key(alg)
        except ImproperlyConfigured as error:
            yield Finding(
                check="keys", level=PROBLEM, what=str(error), fix="Add a key to the store that signs with it."
            )
            continue
        yield Finding(check="keys", what=f"{alg}: {pair.kid[:8]} from {provider_settings.key_store}.")


def _deliveries() -> Iterator[Finding]:
    """Clients that could not be told of a sign-out."""
    failing = LogoutDelivery.objects.filter(delivered_at=None, due=None).select_related("client").order_by("-pk")[:20]
    for client_id in sorted({delivery.client.client_id for delivery in failing}):
        fix = "Look at its backchannel_logout_uri; manage.py codeflow_deliver_logouts sends what is still due."
        what = "It was not reached when somebody signed out, and no further attempt will be made."
        yield Finding(check="logout", level=WARNING, subject=client_id, what=what, fix=fix)


def _clients() -> Iterator[Finding]:
    count = Client.objects.count()
    if not count:
        yield Finding(check="clients", level=NOTE, what="No client is registered.", fix="manage.py codeflow_client add")
        return
    problems = [finding for client in Client.objects.order_by("pk").iterator() for finding in problems_of(client)]
    yield from problems
    worse = len({finding.subject for finding in problems if finding.level == PROBLEM})
    yield Finding(check="clients", what=f"{count} registered, {worse} with problems.")


def _one_client(client_id: str) -> Iterator[Finding]:
    client = Client.objects.filter(client_id=client_id).first()
    if client is None:
        known = list(Client.objects.values_list("client_id", flat=True)[:1000])
        close = ", ".join(get_close_matches(client_id, known, n=3))
        fix = f"Did you mean {close}?" if close else "manage.py codeflow_client list"
        yield Finding(check="client", level=PROBLEM, subject=client_id, what="No client has this client_id.", fix=fix)
        return
    yield from problems_of(client)
    kind = "public" if client.is_public else f"confidential, {client.token_endpoint_auth_method or 'any secret method'}"
    yield Finding(check="client", subject=client_id, what=f"{client.name or 'unnamed'}: {kind}; scope {client.scope}.")
    for uri in client.redirect_uris.split():
        yield Finding(check="redirect_uri", subject=client_id, what=uri)
