"""What people are told about a client, and what staff note of it.

RFC 7591 2 (logo_uri, client_uri, policy_uri, tos_uri, contacts); RFC 6749 10.2. The server never fetches any of these addresses.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RegisteredBy(models.TextChoices):
    """Which way a client came in."""

    UNKNOWN = "", _("not noted")
    ADMIN = "admin", _("in the admin")
    COMMAND = "command", _("by a command")


class ClientProfile(models.Model):
    maker = models.CharField(
        _("maker"), max_length=255, blank=True, default="", help_text=_("Who makes and runs it. People see it.")
    )
    maker_verified = models.BooleanField(
        _("maker verified"), default=False, help_text=_("Somebody here made sure that the maker is who they say.")
    )
    logo_uri = models.CharField(
        _("logo"),
        max_length=2000,
        blank=True,
        default="",
        help_text=_(
            "Path of an image on this site, such as /static/logos/shop.png. Nobody else's server is told of it."
        ),
    )
    client_uri = models.CharField(_("home page"), max_length=2000, blank=True, default="")
    policy_uri = models.CharField(_("privacy policy"), max_length=2000, blank=True, default="")
    tos_uri = models.CharField(_("terms of service"), max_length=2000, blank=True, default="")
    contact = models.CharField(
        _("contact"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("E-mail or web address where people get help with it. Error pages name it."),
    )
    notes = models.TextField(_("notes"), blank=True, default="", help_text=_("For staff alone."))
    registered_by = models.CharField(
        _("registered"), max_length=16, blank=True, default="", choices=RegisteredBy.choices, editable=False
    )
    skip_authorization_reason = models.CharField(
        _("why people are not asked"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("Staff see it beside the status."),
    )

    optional_scope = models.TextField(
        _("optional scope"),
        blank=True,
        default="",
        help_text=_(
            "Which of its scopes people may untick when they are asked, space separated. It gets the others alone then."
        ),
    )

    class Meta:
        abstract = True

    @property
    def optional_scopes(self) -> frozenset[str]:
        """Never openid: without it there is no sign-in (OIDC Core 3.1.2.1)."""
        return frozenset(self.optional_scope.split()) - {"openid"}
