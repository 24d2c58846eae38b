"""Scopes as people read them: the words of the consent page in place of names."""

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from codeflow.provider.conf import provider_settings


def scope_words(scope: str) -> str:
    """ "know who you are; read your notes": what the settings say of each scope, its name where they say nothing."""
    known = provider_settings.scopes
    return "; ".join(str(known.get(name, name)) for name in scope.split())


def scope_list(scope: str) -> SafeString | str:
    """One line for each scope: its words and its name."""
    known = provider_settings.scopes
    lines = [(known.get(name, name), name) for name in scope.split()]
    return format_html_join("", '<span class="codeflow-scope">{} <code>{}</code></span>', lines) or "-"
