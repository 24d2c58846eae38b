"""Clients and their secrets: register, rotate, find.

RFC 6749 2.2, 2.3.1; RFC 6819 5.1.4.1.3. A generated secret has 256 random bits, so a plain SHA-256 of it is enough and a slow
hash would only cost; slow hashes stay for secrets that people typed and a site imported.
"""

import hmac
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password
from django.db import connections, router, transaction
from django.db.models import F
from django.utils import timezone

from codeflow.provider.conf import provider_settings
from codeflow.provider.models import Client, ClientSecret
from codeflow.provider.models.tokens import token_hash

SECRET_PREFIX = "cfs_"
"""Lets secret scanners recognise a leaked one."""

MAX_SECRET = 512
"""Characters; a longer one is refused before any hashing."""

LIVE_SECRETS = 2
_FAST = "sha256$"
_HINT = 4
_REMEMBERED_CLIENTS = 10_000

_AS_THEY_ARE = (
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "subject_type",
    "sector_identifier",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "access_token_format",
    "access_token_lifetime",
    "refresh_token_policy",
    "may_introspect",
    "logo_uri",
    "client_uri",
    "policy_uri",
    "tos_uri",
    "contact",
    "maker",
)


@dataclass(slots=True, kw_only=True)
class KnownSecret:
    """A stored secret as this process knows it; `last_used` moves when it is used."""

    pk: int
    hash: str = field(repr=False)
    hint: str = ""
    """Its last characters, for the log."""
    created: datetime | None = None
    expires: datetime | None
    last_used: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownClient:
    client: Client
    secrets: tuple[KnownSecret, ...]


_known: dict[str, tuple[float, KnownClient]] = {}


def find_client(client_id: str) -> KnownClient | None:
    """The client and its secrets, from what this process knew ≤ CACHE_SECONDS ago, or in one statement."""
    return remembered_client(client_id) or read_client(client_id)


def remembered_client(client_id: str) -> KnownClient | None:
    """What this process knows. Inside a transaction it is neither used nor filled: a row read there may never be committed."""
    entry = _known.get(client_id)
    return entry[1] if entry and entry[0] > time.monotonic() and _may_remember() else None


def read_client(client_id: str) -> KnownClient | None:
    """What the database says now, in one statement; remembered."""
    known = None if "\x00" in client_id else _read_client(client_id)
    if known is not None and _may_remember():
        if len(_known) >= _REMEMBERED_CLIENTS:
            _known.clear()
        _known[client_id] = (time.monotonic() + provider_settings.cache_seconds, known)
    return known


def forget_client(client_id: str) -> None:
    """Drops what this process knows of a client, now and again once the change is committed."""
    _known.pop(client_id, None)
    transaction.on_commit(lambda: _known.pop(client_id, None), using=router.db_for_write(Client))


def register_client(
    *,
    name: str,
    redirect_uris: Iterable[str],
    client_id: str = "",
    post_logout_redirect_uris: Iterable[str] = (),
    scope: str = "",
    public: bool = False,
    allowed_origins: Iterable[str] = (),
    **fields: object,
) -> tuple[Client, str]:
    """A new client and, where it is confidential, its secret: the only time that its value exists here.

    `fields` are further fields of Client. Raises ValidationError, each problem on its field.
    """
    client = Client(
        name=name,
        client_type=Client.CLIENT_PUBLIC if public else Client.CLIENT_CONFIDENTIAL,
        redirect_uris="\n".join(redirect_uris),
        post_logout_redirect_uris="\n".join(post_logout_redirect_uris),
        allowed_origins="\n".join(allowed_origins),
        **fields,
    )
    client.client_id = client_id or client.client_id
    client.scope = scope or client.scope
    client.full_clean()
    with transaction.atomic(using=router.db_for_write(Client)):
        client.save()
        return client, "" if public else add_secret(client)


def registration_of(client: Client) -> dict[str, Any]:
    """What is public about a client, under the names of RFC 7591 2 where it has one. Nothing of its secrets."""
    return {
        "client_id": client.client_id,
        "name": client.name,
        "client_type": client.client_type,
        "is_active": client.is_active,
        "redirect_uris": client.redirect_uris.split(),
        "post_logout_redirect_uris": client.post_logout_redirect_uris.split(),
        "allowed_origins": client.allowed_origins.split(),
        "scope": client.scope,
        "pkce": "required" if client.needs_pkce else "optional",
        "token_endpoint_auth_method": "none" if client.is_public else client.token_endpoint_auth_method or "any",
        "skip_consent": client.skip_authorization,
        **{name: getattr(client, name) for name in _AS_THEY_ARE},
    }


def add_secret(client: Client, *, made_by: Any = None) -> str:
    """Makes one more secret for `client` and returns its value, which is not kept. `made_by` is a user, None a command."""
    value = SECRET_PREFIX + secrets.token_urlsafe(32)
    ClientSecret.objects.create(client=client, hash=_FAST + token_hash(value), hint=value[-_HINT:], made_by=made_by)
    return value


def rotate_secret(client: Client, *, overlap: timedelta = timedelta(hours=24), made_by: Any = None) -> str:
    """A new secret; the newest old one works for `overlap` more, all others end now."""
    now = timezone.now()
    with transaction.atomic(using=router.db_for_write(Client)):
        Client.objects.select_for_update().get(pk=client.pk)  # two rotations at once must not leave three secrets
        live = [secret for secret in client.secrets.order_by("-created", "-pk") if secret.is_live(now)]
        for place, secret in enumerate(live):
            ends = now + overlap if place < LIVE_SECRETS - 1 else now
            secret.expires = min(secret.expires or ends, ends)
            secret.save(update_fields=["expires"])
        return add_secret(client, made_by=made_by)


def secret_matches(presented: str, stored_hash: str) -> bool:
    """Constant-time comparison with a fast hash; Django's password hash for imported secrets."""
    if stored_hash.startswith(_FAST):
        return hmac.compare_digest(_FAST + token_hash(presented), stored_hash)
    return check_password(presented, stored_hash)


def stand_in() -> KnownClient:
    """Whom an unknown client is judged as: nobody (`pk` is None), with a secret that nobody has.

    The object is made anew as Django makes it from a row, for that is most of what reading a known client takes: the time of a refusal shall
    not tell who is known (RFC 6749 2.3.1).
    """
    client = Client.from_db(router.db_for_read(Client), _COLUMNS, [None] * len(_COLUMNS))
    return KnownClient(client=client, secrets=(NOBODYS_SECRET,))


_COLUMNS = [field.attname for field in Client._meta.concrete_fields]

NOBODYS_SECRET = KnownSecret(pk=0, hash=_FAST + token_hash(secrets.token_urlsafe(32)), expires=None, last_used=None)
"""No value matches it; to be compared where a client has none."""


def _may_remember() -> bool:
    return not connections[router.db_for_read(Client)].in_atomic_block


def _read_client(client_id: str) -> KnownClient | None:
    rows = list(
        Client.objects.filter(client_id=client_id).annotate(
            secret_pk=F("secrets__pk"),
            secret_hash=F("secrets__hash"),
            secret_hint=F("secrets__hint"),
            secret_created=F("secrets__created"),
            secret_expires=F("secrets__expires"),
            secret_last_used=F("secrets__last_used"),
        )
    )
    if not rows or rows[0].client_id != client_id:  # a database's collation may take "a " or "A" for "a"
        return None
    known = tuple(
        KnownSecret(
            pk=row.secret_pk,
            hash=row.secret_hash,
            hint=row.secret_hint,
            created=row.secret_created,
            expires=row.secret_expires,
            last_used=row.secret_last_used,
        )
        for row in rows
        if row.secret_pk is not None
    )
    return KnownClient(client=rows[0], secrets=known)
