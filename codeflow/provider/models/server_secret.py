"""Random values that this server needs for good: the salt of pairwise subjects.

OIDC Core 8.1. Generated once and sealed; derived from nothing, so that a new SECRET_KEY changes no subject.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServerSecret(models.Model):
    purpose = models.CharField(max_length=64, unique=True)
    sealed = models.TextField(editable=False)

    class Meta:
        verbose_name = _("server secret")
        verbose_name_plural = _("server secrets")

    def __str__(self) -> str:
        return self.purpose
