"""What the rules of URIs say: one remark each, in English, with the way to mend it.

The words are templates for gettext, which core does not know: whoever shows a remark translates `message` and puts `params` in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_SHOWN = 200


def gettext_noop(message: str) -> str:
    """Marks a template for makemessages."""
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class UriNote:
    """`code` is stable; str() is the English sentence."""

    code: str
    message: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params


def note(code: str, message: str, uri: str, **params: str) -> UriNote:
    return UriNote(code=code, message=message, params={"uri": shown(uri), **params})


def shown(text: str) -> str:
    """Control characters made visible, and not without end."""
    visible = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    return visible if len(visible) <= _SHOWN else f"{visible[:_SHOWN]}…"
