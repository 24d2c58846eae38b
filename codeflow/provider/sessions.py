"""The provider's side of a browser session: when and how its user authenticated.

OIDC Core 2 (auth_time, acr, amr), 3.1.2.1 (max_age, prompt); Front-Channel Logout 3 (sid). What a sign-in page proves is seen in
Django's `user_logged_in`, so any page and any backend will do.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from codeflow.provider.conf import moment, provider_settings
from codeflow.provider.models import Client, Consent, ProviderSession
from codeflow.provider.models.session import new_sid
from codeflow.provider.statements import Parameter, Select

SESSION_KEY = "_codeflow_provider"

_SessionClient = ProviderSession.clients.through


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is signed in, since when and how, and what they allowed the asking client."""

    user: AbstractBaseUser
    auth_time: float | None
    """Seconds since the epoch; None where the sign-in was not seen."""
    acr: str
    amr: str
    spent: bool
    """This authentication has already satisfied a prompt=login."""
    row: ProviderSession | None
    consent: Consent | None
    client_known: bool
    """The session's row lists the client already."""


def record_authentication(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Notes in the session that `user` authenticated just now."""
    hook = provider_settings.authentication_context
    context = hook(request, user) if hook else _default_context(request)
    state = _state(request)
    state.setdefault("sid", new_sid())  # before any tab asks for a code, so that all of them share one row
    state.update(auth_time=time.time(), acr=context.get("acr", ""), amr=" ".join(context.get("amr", ())))
    request.session[SESSION_KEY] = state


def signed_in(request: HttpRequest, client: Client) -> SignedIn | None:
    """Who is signed in in this browser, or None. One statement where the session has a row already."""
    user = request.user
    if not user.is_authenticated:
        return None
    state = _state(request)
    row, consent, client_known = _row_and_consent(state, user, client)
    if state.get("pk") and row is None:
        logout(request)  # ended at the server: a session that was signed out elsewhere is no session
        return None
    return SignedIn(
        user=user,
        auth_time=state.get("auth_time"),
        acr=state.get("acr", ""),
        amr=state.get("amr", ""),
        spent=state.get("spent") is not None and state.get("spent") == state.get("auth_time"),
        row=row,
        consent=consent,
        client_known=client_known,
    )


def session_row(request: HttpRequest, signed: SignedIn, client: Client) -> ProviderSession:
    """The row that codes and `sid` refer to: made with the session's first code, brought up to date by a
    re-authentication; it remembers `client`, which may want to hear when it ends.
    """
    auth_time = None if signed.auth_time is None else moment(signed.auth_time)
    row = signed.row
    if row is None:
        row, _made = ProviderSession.objects.get_or_create(
            sid=_state(request).get("sid") or new_sid(),
            user_id=signed.user.pk,
            defaults={"auth_time": auth_time, "acr": signed.acr, "amr": signed.amr},
        )
    elif row.auth_time != auth_time:
        row.auth_time, row.acr, row.amr = auth_time, signed.acr, signed.amr
        row.save(update_fields=["auth_time", "acr", "amr"])
    if not signed.client_known:
        row.clients.add(client)
    return row


def remember_row(request: HttpRequest, row: ProviderSession) -> None:
    """Ties the browser to its row, once that is committed: a session that names a row which never came is signed out."""
    if _state(request).get("pk") != row.pk:
        request.session[SESSION_KEY] = {**_state(request), "pk": row.pk}


def spend_authentication(request: HttpRequest) -> None:
    """Marks the current authentication as used for a prompt=login, so that it satisfies one request and not every later one."""
    state = _state(request)
    request.session[SESSION_KEY] = {**state, "spent": state.get("auth_time")}


def current_row(request: HttpRequest) -> ProviderSession | None:
    """This browser's row, if it has one that has not ended."""
    if not hasattr(request, "session") or not (pk := _state(request).get("pk")):
        return None
    return _live_sessions(_oldest()).filter(pk=pk).first()


def _oldest() -> datetime:
    """When a session that is over age today was made."""
    return timezone.now() - provider_settings.session_lifetime


def _live_sessions(oldest: datetime | Parameter) -> QuerySet[ProviderSession]:
    """Neither ended nor over age, whether or not such rows were cleared yet."""
    return ProviderSession.objects.filter(ended_at=None, created__gt=oldest)


def _state(request: HttpRequest) -> dict[str, Any]:
    state: dict[str, Any] = request.session.get(SESSION_KEY, {})
    return dict(state)


def _row_and_consent(
    state: dict[str, Any], user: AbstractBaseUser, client: Client
) -> tuple[ProviderSession | None, Consent | None, bool]:
    if not state.get("pk"):
        return None, Consent.objects.filter(user_id=user.pk, client_id=client.pk).first(), False
    row: Any = _FIND.first(id=state["pk"], user=user.pk, client=client.pk, created=_oldest())
    if row is None or row.consent_scope is None:
        return row, None, row is not None and row.client_known
    consent = Consent(
        user_id=user.pk,
        client_id=client.pk,
        scope=row.consent_scope,
        asked_scope=row.consent_asked,
        resource=row.consent_resource,
    )
    return row, consent, row.client_known


def _session_and_consent() -> QuerySet[ProviderSession]:
    """The session that is looked for, with what its person allowed the client."""
    client = Parameter("client", Consent)
    consents = Consent.objects.filter(user_id=OuterRef("user_id"), client_id=client)
    return (
        _live_sessions(Parameter("created", ProviderSession))
        .filter(pk=Parameter("id", ProviderSession), user_id=Parameter("user", ProviderSession))
        .annotate(
            consent_scope=Subquery(consents.values("scope")[:1]),
            consent_asked=Subquery(consents.values("asked_scope")[:1]),
            consent_resource=Subquery(consents.values("resource")[:1]),
            client_known=Exists(_SessionClient.objects.filter(providersession_id=OuterRef("pk"), client_id=client)),
        )
    )


_FIND = Select(ProviderSession, _session_and_consent)


def _default_context(request: HttpRequest) -> dict[str, Any]:
    """A password (RFC 8176 2) where Django's own backend let the person in; otherwise nothing is claimed."""
    backend = request.session.get(BACKEND_SESSION_KEY, "")
    return {"acr": "1", "amr": ["pwd"]} if backend.endswith("ModelBackend") else {}
