"""Who is signed in at the provider, since when and how.

OIDC Core 2 (auth_time, acr, amr); Front-Channel Logout 3 (sid). Never `user.last_login`, which any other sign-in moves.
"""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from codeflow.provider.models.client import Client


def new_sid() -> str:
    """A random session identifier, unrelated to Django's session key (Front-Channel Logout 3)."""
    return secrets.token_urlsafe(16)


class ProviderSession(models.Model):
    """One browser's session with this provider. Made when it first gets a code, never for an anonymous request.

    It ends SESSION_SECONDS after that at the latest, and the row is cleared then; tokens of offline grants keep its key.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    sid = models.CharField(max_length=43, unique=True, default=new_sid, editable=False)
    auth_time = models.DateTimeField(_("authenticated"), null=True, blank=True)
    acr = models.CharField(max_length=255, blank=True, default="")
    amr = models.CharField(max_length=255, blank=True, default="")
    created = models.DateTimeField(_("created"), auto_now_add=True)
    clients = models.ManyToManyField(Client, related_name="+", verbose_name=_("clients"))
    """Those that got a code in it and may want to hear when it ends."""
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = (
            models.Index(fields=["created"], name="codeflow_session_created"),
            models.Index(fields=["ended_at"], name="codeflow_session_ended"),
        )

    def __str__(self) -> str:
        return f"ProviderSession #{self.pk}"
