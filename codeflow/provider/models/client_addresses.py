"""What the addresses of a client's registration must hold, and remarks on them in the reader's language.

RFC 6749 3.1.2; RFC 7591 2; RFC 9700 2.1, 4.1; RFC 6454 6.1; Back-Channel Logout 2.2; Front-Channel Logout 2.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from codeflow.core.redirect_uris import redirect_uri_problem
from codeflow.core.uri_notes import UriNote
from codeflow.core.uris import is_uri_text, origin_of, split_uri

if TYPE_CHECKING:
    from codeflow.provider.models.client import Client


def in_words(note: UriNote) -> str:
    """The remark in the reader's language."""
    return gettext(note.message) % note.params


def redirect_problems(client: "Client", uris: str, *, required: bool) -> list[ValidationError]:
    values = uris.split()
    if required and not values:
        return [ValidationError(_("Name at least one address that people come back to."), code="required")]
    found = [_as_error(note) for uri in values if (note := redirect_uri_problem(uri, public_client=client.is_public))]
    message = _("%(uri)s: It is listed twice. Remove one of them.")
    twice = dict.fromkeys(uri for uri in values if values.count(uri) > 1)
    return found + [ValidationError(message, code="duplicate", params={"uri": uri}) for uri in twice]


def web_problems(uri: str) -> list[ValidationError]:
    """One web address, as a redirect URI may be (Back-Channel Logout 2.2)."""
    note = redirect_uri_problem(uri) if uri else None
    return [_as_error(note)] if note else []


def frontchannel_problems(client: "Client") -> list[ValidationError]:
    """Its scheme, host and port are those of a redirect URI (Front-Channel Logout 2)."""
    uri = client.frontchannel_logout_uri
    problems = web_problems(uri)
    if uri and not problems and origin_of(uri) not in {origin_of(known) for known in client.redirect_uris.split()}:
        message = _("%(uri)s: its scheme, host and port must be those of a redirect URI.")
        return [ValidationError(message, code="other_origin", params={"uri": uri})]
    return problems


def origin_problems(origins: str) -> list[ValidationError]:
    message = _("%(origin)s is no origin, such as https://app.example")
    return [
        ValidationError(message, code="origin", params={"origin": value})
        for value in origins.split()
        if origin_of(value) != value or (parts := split_uri(value)) is None or parts.scheme not in ("https", "http")
    ]


def logo_problems(uri: str) -> list[ValidationError]:
    """On this site: another server would learn who is being asked, and could show something else tomorrow."""
    own = [prefix for prefix in (settings.STATIC_URL, settings.MEDIA_URL) if prefix and "://" in prefix]
    is_path = uri.startswith("/") and not uri.startswith("//")
    if not uri or (is_uri_text(uri) and (is_path or any(uri.startswith(prefix) for prefix in own))):
        return []
    message = _("%(uri)s: give the path of an image on this site, such as /static/logos/shop.png")
    return [ValidationError(message, code="logo", params={"uri": uri})]


def contact_problems(contact: str) -> list[ValidationError]:
    """An e-mail address or a web address."""
    if not contact or contact.startswith(("https://", "http://")):
        return web_problems(contact)
    try:
        validate_email(contact)
    except ValidationError:
        message = _("%(contact)s is neither an e-mail address nor a web address.")
        return [ValidationError(message, code="contact", params={"contact": contact})]
    return []


def _as_error(note: UriNote) -> ValidationError:
    return ValidationError(gettext_lazy(note.message), code=note.code, params=dict(note.params))
