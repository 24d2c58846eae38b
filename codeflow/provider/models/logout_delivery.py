"""Logout tokens that are to reach their clients: an outbox.

Back-Channel Logout 2.5. The row is written with the end of the session, in one transaction; sending it comes after.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from codeflow.provider.models.client import Client


class LogoutDelivery(models.Model):
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", verbose_name=_("client"))
    sub = models.CharField(max_length=255)
    sid = models.CharField(max_length=43)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due = models.DateTimeField(_("next attempt"), null=True, blank=True, db_index=True)
    """NULL where nothing more is to be done."""
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    problem = models.CharField(_("last problem"), max_length=255, blank=True, default="")

    class Meta:
        verbose_name = _("logout delivery")
        verbose_name_plural = _("logout deliveries")

    def __str__(self) -> str:
        return f"LogoutDelivery #{self.pk}"
