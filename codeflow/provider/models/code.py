"""Authorization codes.

RFC 6749 4.1.2, 10.5; RFC 9700 2.1.1, 4.5. Only the hash is stored. The row stays until it expires, redeemed or not, so that a
replay is seen.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractGrant

from codeflow.provider.models.session import ProviderSession


class AuthorizationCode(AbstractGrant):
    """What one authorization response handed out, and everything that the tokens made from it need."""

    code = None
    code_challenge_method = None  # S256 is the only one
    updated = None

    code_hash = models.CharField(max_length=43, unique=True, editable=False)
    redeemed_at = models.DateTimeField(_("redeemed"), null=True, blank=True)
    decision_id = models.CharField(max_length=43, null=True, unique=True, editable=False)  # noqa: DJ001  NULLs must not collide
    """The id of the consent page that led here: one page, one code."""
    nonce = models.TextField(blank=True, default="")
    session = models.ForeignKey(
        ProviderSession, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("session")
    )
    auth_time = models.DateTimeField(null=True, blank=True)
    acr = models.CharField(max_length=255, blank=True, default="")
    amr = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")
        indexes = (models.Index(fields=["expires"], name="codeflow_code_expires"),)

    def __str__(self) -> str:
        return f"AuthorizationCode #{self.pk}"
