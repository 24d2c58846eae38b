"""What came of the attacks so far, from the runs that the observer kept."""

from dataclasses import dataclass

from demo_site.attacks.attack import Attack
from demo_site.attacks.table import ATTACKS
from demo_site.trace.models import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How often the attack was run, and whether the newest prediction was right (None: nobody has predicted)."""

    runs: int
    guessed_right: bool | None


def of(attack: Attack) -> Score:
    runs = list(Run.objects.filter(scenario=_scenario(attack)).order_by("-started_at"))
    predicted = next((run.prediction for run in runs if run.prediction), "")
    return Score(runs=len(runs), guessed_right=predicted == attack.refuser if predicted else None)


def total() -> int:
    """How many attacks were predicted rightly."""
    return sum(of(attack).guessed_right is True for attack in ATTACKS)


def _scenario(attack: Attack) -> str:
    return f"{Run.ATTACK}{attack.slug}"[:40]
