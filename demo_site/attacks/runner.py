"""Runs one attack in one world and judges it: who refused each shot, with what, and whether that is what the row says."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import requests
from django.utils import timezone

from demo_site.attacks import world as worlds
from demo_site.attacks.attack import Attack
from demo_site.attacks.bench import Bench, Shot, run_of
from demo_site.attacks.user_agent import Unexpected
from demo_site.trace.models import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of an attack. `trouble` says why it could not be run; then there are no shots to judge."""

    attack: Attack
    world: str
    shots: tuple[Shot, ...] = ()
    trouble: str = ""

    @property
    def refused(self) -> bool:
        """Every shot was refused."""
        return bool(self.shots) and not any(shot.succeeded for shot in self.shots)

    @property
    def as_promised(self) -> bool:
        """Every shot was refused by the party and with the error of the row."""
        return self.refused and tuple((shot.party, shot.error) for shot in self.shots) == self.attack.errors


def run(attack: Attack, world: str = "codeflow", *, prediction: str = "") -> Verdict:
    """Makes the attack's shots in "codeflow" or its "twin", and marks the runs that the observer kept of it."""
    bench = Bench(worlds.codeflow() if world == "codeflow" else worlds.twin())
    try:
        attack.run(bench)
    except (Unexpected, requests.RequestException) as error:
        return Verdict(attack=attack, world=world, trouble=_in_words(error))
    finally:
        bench.close()
    verdict = Verdict(attack=attack, world=world, shots=tuple(bench.shots))
    _mark_runs(verdict, {run_of(agent) for agent in bench.agents}, prediction)
    return verdict


def _in_words(error: Exception) -> str:
    """An Unexpected names the page; of a connection's fault only the kind, since its text quotes addresses."""
    return str(error) if isinstance(error, Unexpected) else type(error).__name__


def _mark_runs(verdict: Verdict, trips: set[uuid.UUID | None], prediction: str) -> None:
    """`trips` are all that the attack needed; those without a shot at their end were left where they were."""
    shot_at = {shot.run_id for shot in verdict.shots if shot.run_id}
    left = {trip for trip in trips if trip} - shot_at
    Run.objects.filter(pk__in=left | shot_at).update(
        scenario=f"{Run.ATTACK}{verdict.attack.slug}"[:40],
        expected_refuser=verdict.attack.refuser,
        prediction=prediction,
        verdict="refused" if verdict.refused else "succeeded",
    )
    for shot, (_party, error) in reversed(list(zip(verdict.shots, verdict.attack.errors, strict=False))):
        if shot.run_id:  # of several shots at one run the first one counts
            Run.objects.filter(pk=shot.run_id).update(expected_error=error[:40])
    _end(shot_at, Run.Status.REFUSED)
    _end(left, Run.Status.ABANDONED)


def _end(runs: Iterable[uuid.UUID], status: Run.Status) -> None:
    Run.objects.filter(pk__in=runs, status=Run.Status.PENDING).update(status=status, ended_at=timezone.now())
