"""What a scope means to a person: its words, what more there is to say, its group, and whether it deserves a second look.

RFC 6749 3.3, 10.2; OIDC Core 5.4, 11. The words are OAUTH2_PROVIDER["SCOPES"]; CODEFLOW_PROVIDER["SCOPE_DETAILS"] adds the rest:

    "SCOPE_DETAILS": {"notes.write": {"more": "It cannot delete them.", "group": "Your notes", "sensitive": True}}
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from codeflow.provider import defaults
from codeflow.provider.conf import provider_settings

ABOUT_YOU = _("Who you are")
HERE = _("What you have here")

DETAIL_KEYS = frozenset({"more", "group", "sensitive"})

_STANDARD: Mapping[str, tuple[Any, Any]] = {
    "openid": (_("Know who you are"), _("A number that stands for you at this application.")),
    "profile": (_("See your name and profile"), _("Your name, your user name and what your profile says.")),
    "email": (_("See your e-mail address"), _("And whether it was confirmed.")),
    "address": (_("See your postal address"), ""),
    "phone": (_("See your phone number"), _("And whether it was confirmed.")),
    "offline_access": (
        _("Keep access while you are away"),
        _("Until you remove it, also when you are signed out."),
    ),
}
"""Text, more. The texts are those of defaults.py, marked for translation, which a settings file cannot do."""

_SENSITIVE = frozenset({"address", "phone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeWords:
    name: str
    text: str
    more: str
    group: str
    sensitive: bool


def words_of(scope: str) -> ScopeWords:
    """The words for `scope`, its name where the settings say nothing of it."""
    details = provider_settings.scope_details.get(scope, {})
    more = _STANDARD[scope][1] if scope in _STANDARD else ""
    group = ABOUT_YOU if scope in _STANDARD else HERE
    return ScopeWords(
        name=scope,
        text=text_of(scope),
        more=str(details.get("more", more)),
        group=str(details.get("group", group)),
        sensitive=bool(details.get("sensitive", scope in _SENSITIVE)),
    )


def text_of(scope: str) -> str:
    """What the consent page says of `scope`: the site's words, or ours in the person's language."""
    text = str(provider_settings.scopes.get(scope, scope))
    if scope in _STANDARD and text == defaults.OAUTH2_PROVIDER["SCOPES"][scope]:
        return str(_STANDARD[scope][0])
    return text


def grouped(scopes: Iterable[str]) -> list[tuple[str, list[ScopeWords]]]:
    """Groups in the order in which their first scope comes, each with its scopes in order."""
    groups: dict[str, list[ScopeWords]] = {}
    for words in map(words_of, scopes):
        groups.setdefault(words.group, []).append(words)
    return list(groups.items())
