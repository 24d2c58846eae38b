"""Attacks with a code that fell into the wrong hands: replayed, stolen, injected.

RFC 6749 4.1.2, 4.1.3, 10.5; RFC 7636 4.6; RFC 9700 2.1.1, 4.5.
"""

from django.utils.translation import gettext as _

from demo_site import environment
from demo_site.attacks.bench import ATTACKER, Bench, token_of
from demo_site.attacks.registration import WEATHER


def replay(bench: Bench) -> None:
    """The code is used a second time, with everything the client itself sent; then the first use's token is tried."""
    journey = bench.journey()
    journey.agent.step(journey.callback)
    bench.redeem(_("the same token request again"), journey)
    answer = bench.call_api(token_of(journey.run_id, "access_token"), run_id=journey.run_id)
    bench.note(_("the token of the first use, at the API"), answer, succeeded=answer.ok, run_id=journey.run_id)


def without_verifier(bench: Bench) -> None:
    """The thief has the code and even the client's secret, but not what this sign-in was started with."""
    bench.redeem(_("no code_verifier"), bench.journey(), code_verifier=None)
    bench.redeem(_("a made-up code_verifier"), bench.journey(), code_verifier="a" * 43)


def with_wrong_credentials(bench: Bench) -> None:
    """The thief has the code, and no secret or another client's."""
    bench.redeem(_("a guessed secret"), bench.journey(), secret="cfs_guessed")
    others = {"client_id": WEATHER, "client_secret": environment.read_secret(environment.WEATHER_SECRET)}
    bench.redeem(_("another client's key and secret"), bench.journey(), **others)


def inject(bench: Bench) -> None:
    """The attacker's own fresh code in the victim's callback, with the victim's own state."""
    attackers, victims = bench.journey(ATTACKER), bench.journey()
    url = victims.callback_with(code=attackers.parameters["code"])
    bench.bring(_("bob's code in alice's callback"), victims.agent, url)
