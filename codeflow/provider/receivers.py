"""Django's signals, each answered by one call."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_delete
from django.http import HttpRequest

from codeflow.provider import audit, clients, revocation, session_endings, sessions
from codeflow.provider.models import Client, ClientSecret, Consent, ProviderSession
from codeflow.signals import REFUSED


def connect() -> None:
    """Called once, when the app registry is ready."""
    user_logged_in.connect(authenticated, dispatch_uid="codeflow.provider.authenticated")
    user_login_failed.connect(not_authenticated, dispatch_uid="codeflow.provider.not_authenticated")
    user_logged_out.connect(signed_out, dispatch_uid="codeflow.provider.signed_out")
    post_save.connect(user_saved, sender=get_user_model(), dispatch_uid="codeflow.provider.user_saved")
    pre_delete.connect(user_deleted, sender=get_user_model(), dispatch_uid="codeflow.provider.user_deleted")
    pre_delete.connect(consent_deleted, sender=Consent, dispatch_uid="codeflow.provider.consent_deleted")
    pre_delete.connect(client_deleted, sender=Client, dispatch_uid="codeflow.provider.client_deleted")
    for signal in (post_save, post_delete):
        signal.connect(client_changed, sender=Client, dispatch_uid="codeflow.provider.client_changed")
        signal.connect(secret_changed, sender=ClientSecret, dispatch_uid="codeflow.provider.secret_changed")


def authenticated(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if request is not None and hasattr(request, "session"):
        sessions.record_authentication(request, user)
        audit.record("login.succeeded", request=request, user_pk=user.pk)


def not_authenticated(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Without the name that was typed: people type passwords there."""
    audit.record("login.failed", outcome=REFUSED, request=request, reason="credentials")


def signed_out(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    if request is not None and (row := sessions.current_row(request)) is not None:
        session_endings.end(row)


def user_saved(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """A changed password ends the person's grants. After a mere re-hash at sign-in Django has emptied `_password`."""
    if not created and (getattr(instance, "_password", None) is not None or not instance.is_active):
        revocation.end_grants(user_id=instance.pk)


def user_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    """First the grants, in the order of their locks: an exchange under way then neither deadlocks nor outlives the row."""
    for session in ProviderSession.objects.filter(user_id=instance.pk, ended_at=None):
        session_endings.end(session)  # its clients are told (Back-Channel Logout 2.3)
    revocation.end_grants(user_id=instance.pk)
    _hold(instance)


def client_deleted(sender: Any, instance: Client, **kwargs: Any) -> None:
    revocation.end_grants(application_id=instance.pk)
    _hold(instance)


def consent_deleted(sender: Any, instance: Consent, **kwargs: Any) -> None:
    """A withdrawn consent ends what it allowed (RFC 6749 10.4)."""
    revocation.end_grants(user_id=instance.user_id, application_id=instance.client_id)


def _hold(instance: Model) -> None:
    """Locks the row, so that nothing that refers to it is committed beside its deletion."""
    type(instance)._default_manager.select_for_update().filter(pk=instance.pk).first()


def client_changed(sender: Any, instance: Client, **kwargs: Any) -> None:
    clients.forget_client(instance.client_id)
    if instance.pk and not instance.is_active:
        revocation.end_grants(application_id=instance.pk)


def secret_changed(sender: Any, instance: ClientSecret, **kwargs: Any) -> None:
    clients.forget_client(instance.client.client_id)
