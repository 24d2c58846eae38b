"""What an entry of PROVIDERS says, as staff may read it: everything but secrets, of which there is only where they come from."""

import hmac
import os
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from codeflow.relying_party.conf import conf
from codeflow.relying_party.entries import HOOKS
from codeflow.relying_party.errors import ConfigurationError
from codeflow.relying_party.flow.configuration import QUIRKS, Provider

_LONG = 24
"""Characters of a secret whose last four tell nothing."""

Fact = tuple[str, str]


def facts_about(name: str) -> tuple[list[Fact], str]:
    """What the entry says, in reading order, and what is wrong with it ("" for nothing)."""
    entry: Mapping[str, Any] = conf.entry(name)
    try:
        provider = conf.provider(name)
    except ConfigurationError as error:
        return [(_("Key in the settings"), name)], error.detail
    return [(words, value) for words, value in _facts(provider, entry) if value], ""


def _facts(provider: Provider, entry: Mapping[str, Any]) -> list[Fact]:
    quirks = "; ".join(f"{quirk}: {QUIRKS.get(quirk, '')}" for quirk in provider.quirks)
    return [
        (_("Key in the settings"), provider.name),
        (_("Issuer"), provider.issuer),
        (_("Tenants"), " ".join(provider.tenants)),
        (_("Client key"), provider.client_id),
        (_("Client secret"), _credential(provider)),
        (_("Authentication"), provider.token_endpoint_auth_method or _("chosen from the metadata")),
        (_("Asked for"), provider.requested_scope),
        (_("Must be granted"), " ".join(provider.required_scope)),
        (_("Preset"), str(entry.get("preset", "")) or _("none")),
        (_("Quirks"), quirks or _("none")),
        (_("Linking"), _("people may link their account") if conf.may_link(provider.name) else _("never")),
        (_("Roles"), _roles(entry)),
        (_("APIs"), "; ".join(f"{api}: {address}" for api, address in provider.apis.items())),
        (_("Hooks"), " ".join(name for name in HOOKS if entry.get(name))),
    ]


def _credential(provider: Provider) -> str:
    """Never the value: where it comes from, and of a long one the last four characters, as the provider lists it."""
    if provider.private_key:
        return _("a private key of this site, from %(source)s") % {"source": secret_source(provider.private_key)}
    if not provider.client_secret:
        return _("none: a public client, PKCE alone protects the code")
    tail = provider.client_secret[-4:] if len(provider.client_secret) >= _LONG else ""
    return _("••••%(tail)s, from %(source)s") % {"tail": tail, "source": secret_source(provider.client_secret)}


def secret_source(value: str) -> str:
    """The environment variable that holds exactly this value, if one does."""
    octets = value.encode("utf-8", "surrogatepass")
    names = [
        name for name, held in os.environ.items() if hmac.compare_digest(held.encode("utf-8", "surrogatepass"), octets)
    ]
    return _("the environment variable %(name)s") % {"name": min(names)} if names else _("the settings")


def _roles(entry: Mapping[str, Any]) -> str:
    rules = entry.get("groups", {})
    if not rules:
        return _("none are given")
    given = [f"{value} → {group}" for value, group in rules.get("map", {}).items()]
    given += [f"{value} → {flag}" for flag in ("staff", "superuser") for value in rules.get(flag, ())]
    return f"{rules.get('claim', '')}: {', '.join(given)}"
