"""The keys that sign ID tokens.

OIDC Core 10.1; RFC 7517. A key's state follows from the row and the clock alone: it is *next* until `active_from`, *signing*
until its successor is active, *retiring* while a token it signed may live, then *gone*.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SigningKey(models.Model):
    """A key pair; the private part is sealed under a key derived from SECRET_KEY."""

    kid = models.CharField(_("key ID"), max_length=64, unique=True)
    alg = models.CharField(_("algorithm"), max_length=16)
    generation = models.PositiveIntegerField(_("generation"))
    """Counts the keys of one algorithm, so that processes which rotate at once agree on one."""
    private_key = models.TextField(editable=False)
    public_jwk = models.JSONField(_("public key"))
    created = models.DateTimeField(_("created"), auto_now_add=True)
    active_from = models.DateTimeField(_("signs from"))

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        permissions = (("manage_keys", _("Can make, promote, retire and withdraw signing keys")),)
        constraints = (models.UniqueConstraint(fields=["alg", "generation"], name="codeflow_key_generation"),)

    def __str__(self) -> str:
        return f"{self.alg} {self.kid[:8]}"
