"""The audit trail: who, what, when, which client, with what outcome and why. Never a secret, code or token."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """Append-only. `reference` is the support code that an error page shows; `count` how many alike a row stands for."""

    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)
    event = models.CharField(_("event"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=16)
    reason = models.CharField(_("reason"), max_length=64, blank=True, default="")
    client_id = models.CharField(_("client ID"), max_length=255, blank=True, default="")
    user_pk = models.CharField(_("user"), max_length=255, blank=True, default="")
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    reference = models.CharField(_("support code"), max_length=16, blank=True, default="", db_index=True)
    count = models.PositiveIntegerField(_("count"), default=1)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        default_permissions = ()  # nobody may add, change or delete one
        permissions = (("view_audit", _("Can view and export the audit trail")),)
        indexes = (
            models.Index(fields=["event", "id"], name="codeflow_audit_event"),
            models.Index(fields=["outcome", "id"], name="codeflow_audit_outcome"),
            models.Index(fields=["client_id", "id"], name="codeflow_audit_client"),
            models.Index(fields=["user_pk", "id"], name="codeflow_audit_user"),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.outcome}"
