"""What a role's doctor says about an installation: one finding for each thing looked at, with the line that mends it."""

from dataclasses import dataclass

OK, NOTE, WARNING, PROBLEM = "ok", "note", "warning", "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`check` is stable; `subject` is the provider or client it is about, "" for the role as a whole."""

    check: str
    level: str = OK
    subject: str = ""
    what: str
    fix: str = ""
