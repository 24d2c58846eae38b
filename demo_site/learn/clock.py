"""A sign-in at a server whose clock is wrong: the unsafe twin's server stamps its ID token, the demo's client judges it."""

from dataclasses import dataclass

from demo_site.attacks import world
from demo_site.attacks.bench import Bench, Shot
from demo_site.attacks.scripts.tokens import lie

MOST = 2 * 3600  # seconds, to either side


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`skew` in seconds: positive where the server's clock is ahead."""

    skew: int
    shot: Shot


def sign_in(skew: int) -> Outcome:
    """One real sign-in. Raises Unexpected or requests.RequestException where it cannot be made."""
    skew = max(-MOST, min(MOST, skew))
    bench = Bench(world.codeflow())
    try:
        lie(bench, {f"skew={skew}": "a clock that differs"})
    finally:
        bench.close()
    return Outcome(skew=skew, shot=bench.shots[-1])
