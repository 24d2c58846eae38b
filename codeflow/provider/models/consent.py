"""What a person allowed a client.

OIDC Core 3.1.2.4; RFC 6749 10.2. One row per person and client; it outlives the tokens made under it.
"""

import hashlib
import json

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
    asked_scope = models.TextField(_("asked for"), blank=True, default="")
    """Everything that the person was asked for, allowed or not."""
    text = models.JSONField(_("what the page said"), default=dict, blank=True)
    """Scope → the words that stood beside it when it was allowed."""
    resource = models.JSONField(_("resource"), default=list, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (models.UniqueConstraint(fields=["user", "client"], name="codeflow_one_consent"),)

    def __str__(self) -> str:
        return f"Consent #{self.pk}"

    @property
    def refused_scopes(self) -> tuple[str, ...]:
        """Asked for, and not allowed so far."""
        allowed = self.scope.split()
        return tuple(scope for scope in self.asked_scope.split() if scope not in allowed)

    @property
    def text_version(self) -> str:
        """Eight hex digits that change with any word of `text`; "" where the words were not kept."""
        words = json.dumps(self.text, sort_keys=True).encode()
        return hashlib.sha256(words).hexdigest()[:8] if self.text else ""
