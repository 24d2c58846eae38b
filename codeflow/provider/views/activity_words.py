"""What the audit trail says of a person's own account, in words for that person."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from codeflow.provider.models import AuditEvent

ACTIVITY: Mapping[str, Any] = {
    "login.succeeded": _("You signed in."),
    "session.ended": _("You signed out."),
    "consent.given": _("You let %(name)s in."),
    "consent.withdrawn": _("You removed the access of %(name)s."),
    "code.issued": _("You went on to %(name)s."),
}


def activity_words(event: AuditEvent, name: str) -> str:
    return str(ACTIVITY[event.event]) % {"name": name}
