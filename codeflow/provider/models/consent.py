"""What a person allowed a client.

OIDC Core 3.1.2.4; RFC 6749 10.2. One row per person and client; it outlives the tokens made under it.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from codeflow.provider.models.client import Client


class Consent(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents", verbose_name=_("client"))
    scope = models.TextField(_("scope"))
    resource = models.JSONField(_("resource"), default=list, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (models.UniqueConstraint(fields=["user", "client"], name="codeflow_one_consent"),)

    def __str__(self) -> str:
        return f"Consent #{self.pk}"
