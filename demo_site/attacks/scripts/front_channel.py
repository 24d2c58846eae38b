"""Attacks on what passes through the browser: state, the callback, the redirect URI, iss, and where a sign-in ends.

RFC 6749 10.12, 4.1.2.1; RFC 9207 2.4; RFC 9700 2.1, 4.1, 4.4, 4.7, 4.16.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _

from demo_site import environment
from demo_site.attacks.bench import ATTACKER, VICTIM, Bench, run_of

EVIL = "https://evil.example"


def tamper_with_state(bench: Bench) -> None:
    """One letter of `state` is changed, then `state` is left out."""
    journey = bench.journey()
    state = journey.parameters.get("state", "")
    changed = ("A" if state[:1] != "A" else "B") + state[1:]
    bench.bring(_("state with one letter changed"), journey.agent, journey.callback_with(state=changed))
    bench.bring(_("no state at all"), journey.agent, journey.callback_with(state=None))


def log_somebody_in(bench: Bench) -> None:
    """The attacker's own callback address, opened in a browser that never asked for it."""
    attackers = bench.journey(ATTACKER)
    victim = bench.agent()
    bench.bring(_("bob's callback address in alice's browser"), victim, attackers.callback)


def come_back_from_another_issuer(bench: Bench) -> None:
    """Mix-up: the answer says that another server gave it."""
    journey = bench.journey()
    bench.bring(_("iss of another server"), journey.agent, journey.callback_with(iss=f"{EVIL}/o"))


def redirect_elsewhere(bench: Bench) -> None:
    """An authorization request whose redirect_uri is not the registered one."""
    at = environment.addresses()
    registered = bench.world.callback
    port = str(at.client_port)
    for label, redirect_uri in {
        _("another site"): f"{EVIL}/callback/",
        _("one path further"): f"{registered}more/",
        _("no final slash"): registered.removesuffix("/"),
        _("another port"): registered.replace(f":{port}/", f":{at.client_port + 1}/"),
        _("the host as user name"): registered.replace("http://", "http://127.0.0.1@evil.example/"),
        _("two of them"): f"{registered}&redirect_uri={EVIL}/callback/",
    }.items():
        _ask_with(bench, label, redirect_uri)


def _ask_with(bench: Bench, label: str, redirect_uri: str) -> None:
    agent = bench.agent(VICTIM)
    agent.step(bench.world.login)
    while agent.next_url and not agent.next_url.startswith(bench.world.authorize):
        agent.step(agent.next_url)
    parts = urlsplit(agent.next_url)
    asked = [(name, value) for name, value in parse_qsl(parts.query) if name != "redirect_uri"]
    query = f"{urlencode(asked)}&redirect_uri={redirect_uri}"
    agent.open(urlunsplit(parts._replace(query=query)))
    bench.sign_in(agent, VICTIM)
    answer = agent.answer
    if not agent.next_url and agent.has(bench.world.consent_form):
        answer = agent.submit(bench.world.consent_form, button=bench.world.consent_button)
    bench.note(label, answer, succeeded="code=" in agent.next_url, run_id=run_of(agent))


def end_somewhere_else(bench: Bench) -> None:
    """A sign-in link whose `next` leads to the attacker's site."""
    for label, target in {
        _("an address without scheme"): "//evil.example/",
        _("backslashes, which browsers read as slashes"): "/\\evil.example/",
        _("another site"): f"{EVIL}/",
    }.items():
        journey = bench.journey(start=bench.world.login_with(next=target))
        answer = journey.agent.step(journey.callback)
        left = not journey.agent.next_url.startswith(f"{environment.addresses().client}/")
        bench.note(label, answer, succeeded=left, run_id=journey.run_id, error="stays_here")


def say_no(bench: Bench) -> None:
    """Nobody attacks: the person does not allow it, and the client says so on a friendly page."""
    agent = bench.agent()
    agent.step(bench.world.login)
    agent.open(f"{agent.next_url}&prompt=consent")
    journey = bench.go_on(agent, allow=False)
    agent.stop_before = lambda url: False
    answer = agent.open(journey.callback)
    bench.note(_("consent denied"), answer, succeeded="code" in journey.parameters, run_id=journey.run_id)
