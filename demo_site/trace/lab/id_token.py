"""The run's ID token: its three parts, what they say, the checks that the client made, and "change one letter"."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from codeflow.core import jose
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.flow.discovery import provider_metadata
from codeflow.relying_party.flow.jwks import accepted_algorithms
from codeflow.relying_party.flow.step7_id_token import algorithm_is_accepted, signature_holds
from codeflow.signals import ERROR, OK, RELYING_PARTY, FlowEvent, send
from demo_site.trace import marks, recorder
from demo_site.trace.lab.sentences import Text
from demo_site.trace.models import Artifact, Check, Run

PROVIDER = "demo"
PARTS: dict[str, Text] = {"header": _("Header"), "claims": _("Claims"), "signature": _("Signature")}
COLOURS = {"header": "server", "claims": "client", "signature": "api"}
SHOWN = 12
"""Characters of each part before somebody asks for the whole token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    title: Text
    colour: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An ID token as the run page shows it."""

    parts: list[Part]
    header: dict[str, Any]
    claims: dict[str, Any] = field(repr=False)
    checks: list[Check]
    key: str
    digest: str


def shown(run: Run, *, in_full: bool) -> Shown | None:
    """The ID token of the run's sign-in; its parts in full only where somebody asked. None where there is none."""
    artifact = _of_sign_in(run)
    if artifact is None or not artifact.value:
        return None
    header, claims = marks.claims_of(artifact.value)
    return Shown(
        parts=[_part(name, text, in_full) for name, text in zip(PARTS, artifact.value.split("."), strict=False)],
        header=header,
        claims=_without_nonce(run, claims),
        checks=list(Check.objects.filter(event__run=run, event__summary_id="event.id_token_checked").order_by("pk")),
        key=str(header.get("kid", "")),
        digest=artifact.digest[:8],
    )


def change_one_letter(run: Run, part: str) -> bool:
    """Has the client check the ID token with one letter of `part` changed; whether it was accepted. Part of the run."""
    artifact = _of_sign_in(run)
    if artifact is None or not artifact.value or part not in PARTS:
        return False
    changed = marks.with_another_letter(artifact.value, list(PARTS).index(part))
    with recorder.following(run.pk):
        checks = list(_checks(changed))
        passed = all(check.passed for check in checks)
        send(
            FlowEvent(
                role=RELYING_PARTY,
                name="id_token_changed",
                step=7,
                outcome=OK if passed else ERROR,
                reason="" if passed else checks[-1].actual,
                spec="OIDC Core 3.1.3.7",
                details={"part": part, "checks": [check.as_tuple() for check in checks]},
            )
        )
    return passed


def _checks(token: str) -> Any:
    """What the client asks of every ID token before it reads a claim, in its own functions."""
    provider, world = conf.provider(PROVIDER), outside()
    metadata = provider_metadata(provider, world)
    algorithm = algorithm_is_accepted(jose.parse(token)[0], accepted_algorithms(provider, metadata))
    yield algorithm
    if algorithm.passed:
        yield signature_holds(token, provider, metadata, world)


def _of_sign_in(run: Run) -> Artifact | None:
    return run.artifacts.filter(kind="id_token").first()


def _part(name: str, text: str, in_full: bool) -> Part:
    text = text if in_full else f"{text[:SHOWN]}…"
    return Part(name=name, title=PARTS[name], colour=COLOURS[name], text=text)


def _without_nonce(run: Run, claims: dict[str, Any]) -> dict[str, Any]:
    known = {one.value: one for one in run.artifacts.filter(kind="nonce")}
    if (nonce := known.get(claims.get("nonce"))) is not None:
        return {**claims, "nonce": f"{nonce.preview} #{nonce.digest[:8]}"}
    return claims
