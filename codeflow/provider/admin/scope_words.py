"""Scopes as staff read them: the words of the consent page in place of names."""

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from codeflow.provider.scope_words import text_of


def scope_words(scope: str) -> str:
    """ "know who you are; read your notes": what people are told of each scope, its name where they are told nothing."""
    return "; ".join(text_of(name) for name in scope.split())


def scope_list(scope: str) -> SafeString | str:
    """One line for each scope: its words and its name."""
    lines = [(text_of(name), name) for name in scope.split()]
    return format_html_join("", '<span class="codeflow-scope">{} <code>{}</code></span>', lines) or "-"
