"""What people are told of a client: who makes it, who vouches for that, where its own pages are.

RFC 6749 10.2; RFC 7591 2. Addresses come from a form: what is no web address is no link, and a logo is a file of this site.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from codeflow.core.uris import split_uri
from codeflow.provider.models import Client


def client_words(client: Client) -> dict[str, Any]:
    """The template's names for one client."""
    return {
        "client": client,
        "logo": logo_path(client.logo_uri),
        "home_uri": web_address(client.client_uri),
        "policy_uri": web_address(client.policy_uri),
        "tos_uri": web_address(client.tos_uri),
        "contact": client.contact,
        "contact_uri": contact_address(client.contact),
    }


def logo_path(logo: str) -> str:
    """A path on this site, "" for anything else: no other server may learn who is asked (CSP: img-src 'self')."""
    return logo if logo.startswith("/") and not logo.startswith("//") and "\\" not in logo else ""


def web_address(uri: str) -> str:
    parts = split_uri(uri)
    return uri if parts is not None and parts.scheme in ("https", "http") and parts.hostname else ""


def contact_address(contact: str) -> str:
    """Where a click on the contact leads: a mail or a page; "" where it is neither, such as a telephone number."""
    try:
        validate_email(contact)
    except ValidationError:
        return web_address(contact)
    return f"mailto:{contact}"
