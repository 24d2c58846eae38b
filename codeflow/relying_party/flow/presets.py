"""What is known about widespread providers, as data: a preset saves writing, and changes no check.

Names in braces are filled in from the entry: {"preset": "keycloak", "host": "id.example", "realm": "staff", …}. Every key can
be overridden beside it.
"""

import string
from collections.abc import Mapping
from typing import Any

OFFLINE = "openid profile email offline_access"

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "google": {
        "issuer": "https://accounts.google.com",
        "label": "Google",
        "authorization_parameters": {"access_type": "offline"},  # Google's word for a refresh token
    },
    "microsoft": {
        # `tenant` is the directory's id; "organizations" or "common" need `tenants` as well
        "issuer": "https://login.microsoftonline.com/{tenant}/v2.0",
        "issuer_template": "https://login.microsoftonline.com/{tenantid}/v2.0",
        "label": "Microsoft",
        "scope": OFFLINE,
    },
    "keycloak": {"issuer": "https://{host}/realms/{realm}", "label": "Keycloak"},
    "auth0": {"issuer": "https://{domain}/", "label": "Auth0", "scope": OFFLINE},
    "okta": {"issuer": "https://{domain}", "label": "Okta", "scope": OFFLINE},
    "gitlab": {"issuer": "https://gitlab.com", "label": "GitLab"},
}
"""Keycloak and GitLab give refresh tokens without being asked for offline_access."""

FOR_MANY_TENANTS = tuple(
    f"https://login.microsoftonline.com/{name}/" for name in ("common", "organizations", "consumers")
)
"""Issuers that are a template in the metadata, so that no token ever states them."""


def blanks(preset: str) -> tuple[str, ...]:
    """The names that an entry with `preset` must fill in, unless it has its own issuer."""
    issuer = PRESETS.get(preset, {}).get("issuer", "")
    return tuple(name for _, name, _, _ in string.Formatter().parse(issuer) if name)


def with_preset(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as if everything had been written out. An unknown preset adds nothing; a blank left open stays one."""
    name = str(entry.get("preset", ""))
    known, names = PRESETS.get(name, {}), blanks(name)
    own = {key: value for key, value in entry.items() if key != "preset" and key not in names}
    filled = {**known, **own}
    if names and "issuer" not in entry:
        filled["issuer"] = known["issuer"].format_map({key: entry.get(key) or f"{{{key}}}" for key in names})
    return filled
