"""The signed-in browser: what its session keeps (one key), and `request.oidc`, which reads the row behind it.

The row is the sign-in. Where it is gone (signed out at the provider, by an administrator, or over age) the session is
nobody's at the next request that asks for `request.user`. That one look at a primary key holds for every session engine,
for a session whose key was changed since, and for one that a slow request saves again after it was ended; deleting the
session in its store would miss the last two and need its key kept somewhere.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY, login
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from codeflow.relying_party import signals
from codeflow.relying_party.api import ApiClient
from codeflow.relying_party.backends import LocalUser
from codeflow.relying_party.conf import conf
from codeflow.relying_party.errors import ReauthRequired
from codeflow.relying_party.flow.step5_token_request import ReceivedTokens
from codeflow.relying_party.flow.step7_id_token import Subject
from codeflow.relying_party.grants import live_access_token, store_grant
from codeflow.relying_party.models import Identity, RPSession, TokenGrant, session_key_hash

ROW = "_codeflow_rp_session"


def begin_session(
    request: HttpRequest, user: LocalUser, identity: Identity, subject: Subject, tokens: ReceivedTokens
) -> RPSession:
    """Signs `user` in under a new session key. What an anonymous or another person's session held is dropped."""
    replaced = request.session.get(ROW)
    _drop_foreign_content(request, user)
    with transaction.atomic():
        login(request, user)
        row = _new_row(request, identity, subject, tokens)
        if replaced is not None:
            forget_sessions(RPSession.objects.filter(pk=replaced))
    request.session[ROW] = row.pk
    request.oidc = OidcSession(request)  # type: ignore[attr-defined]  # HttpRequest is open to middleware
    return row


def forget_sessions(rows: QuerySet[RPSession]) -> int:
    """Deletes the rows of sessions and the tokens that came with them; how many sessions ended."""
    keys = list(rows.values_list("pk", flat=True))
    TokenGrant.objects.filter(sessions__in=keys).delete()
    RPSession.objects.filter(pk__in=keys).delete()
    return len(keys)


def guard_user(request: HttpRequest) -> None:
    """From here on `request.user` and `request.auser` are nobody where the sign-in behind the session is over."""
    user, auser = request.user, request.auser

    def judged() -> Any:
        oidc_session(request).drop_if_over()
        return user

    async def ajudged() -> Any:
        await sync_to_async(oidc_session(request).drop_if_over)()
        return await auser()

    request.user = SimpleLazyObject(judged)  # type: ignore[assignment]  # Django's middleware puts the same kind there
    request.auser = ajudged


def _new_row(request: HttpRequest, identity: Identity, subject: Subject, tokens: ReceivedTokens) -> RPSession:
    return RPSession.objects.create(
        session_key_hash=session_key_hash(request.session.session_key),
        identity=identity,
        grant=store_grant(identity, tokens),
        issuer=subject.iss,
        sid=subject.sid,
        acr=subject.acr[:255],
        auth_time=subject.auth_time,
        id_token_exp=subject.exp,
    )


def _drop_foreign_content(request: HttpRequest, user: LocalUser) -> None:
    """A step-up of the same person keeps everything; anybody else starts clean but for KEEP_SESSION_KEYS."""
    if request.session.get(SESSION_KEY) == str(user.pk):
        return
    kept = {key: request.session[key] for key in conf.keep_session_keys if key in request.session}
    if not request.session.is_empty():
        request.session.flush()
    request.session.update(kept)


class OidcSession:
    """`request.oidc`: who signed in and with what, and the way to APIs. No attribute holds a token."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._looked = False
        self._is_over = False
        self._row: RPSession | None = None

    def __repr__(self) -> str:
        return "<OidcSession>"

    def __bool__(self) -> bool:
        return self.row is not None

    @property
    def row(self) -> RPSession | None:
        """The session's row, one query at first use; None where nobody signed in through a provider."""
        if not self._looked:
            self._look()
        return self._row

    def drop_if_over(self) -> None:
        """Empties a session whose sign-in has ended."""
        if self.row is None and self._is_over:
            self._request.session.flush()

    def _look(self) -> None:
        """The row that the session names, as long as it is about the session's own user."""
        self._looked = True
        session = getattr(self._request, "session", None)
        if session is None or ROW not in session:
            return
        rows = RPSession.objects.select_related("identity", "grant", "grant__identity")
        row = rows.filter(pk=session[ROW], created__gt=oldest_start()).first()
        self._is_over = row is None
        if row is not None and str(row.identity.user_id) == session.get(SESSION_KEY):
            self._row = row

    @property
    def provider(self) -> str:
        return self.row.identity.provider_key if self.row else ""

    @property
    def issuer(self) -> str:
        return self.row.issuer if self.row else ""

    @property
    def sub(self) -> str:
        return self.row.identity.sub if self.row else ""

    @property
    def claims(self) -> Mapping[str, Any]:
        """The claims about the person as of the last sign-in."""
        return MappingProxyType(self.row.identity.claims if self.row else {})

    @property
    def acr(self) -> str:
        return self.row.acr if self.row else ""

    @property
    def auth_time(self) -> int | None:
        return self.row.auth_time if self.row else None

    @property
    def scopes(self) -> frozenset[str]:
        """What the provider granted."""
        return frozenset(self.row.grant.scope.split()) if self.row and self.row.grant else frozenset()

    @property
    def expires_at(self) -> float | None:
        """When the access token at hand ends; it is renewed before."""
        return self.row.grant.expires_at if self.row and self.row.grant else None

    def is_fresh(self, max_age: int) -> bool:
        """Whether the person authenticated at the provider within `max_age` seconds, as far as it says."""
        return self.auth_time is not None and time.time() - self.auth_time <= max_age

    def logout_url(self) -> str:
        """Takes a POST with a CSRF token; a GET shows the page that asks."""
        return reverse("codeflow_relying_party:logout")

    def api(self, name: str) -> ApiClient:
        """The API called `name` in the provider's `apis`, on this person's behalf.

        Calls raise ReauthRequired without a grant.
        """
        return ApiClient(lambda: self._row_with_grant().grant, name)

    @contextlib.contextmanager
    def token(self) -> Iterator[str]:
        """The raw access token, for what `api` cannot do. Logged, because it leaves this package's care."""
        row = self._row_with_grant()
        signals.logger.info("raw access token handed out: provider=%s session=%s", row.identity.provider_key, row.pk)
        yield live_access_token(row.grant, conf.provider(row.identity.provider_key))

    def _row_with_grant(self) -> Any:
        if self.row is None or self.row.grant is None:
            raise ReauthRequired("session.none", "nobody signed in through a provider", provider=self.provider)
        return self.row


def oldest_start() -> datetime:
    """When a session that is just not over age yet began."""
    return timezone.now() - timedelta(seconds=conf.session_seconds)


def oidc_session(request: HttpRequest) -> OidcSession:
    """`request.oidc`, made on demand where the middleware has not run."""
    if not hasattr(request, "oidc"):
        request.oidc = OidcSession(request)  # type: ignore[attr-defined]  # HttpRequest is open to middleware
    found: OidcSession = request.oidc  # type: ignore[attr-defined]  # as above
    return found
