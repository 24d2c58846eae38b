"""Clickjacking: the consent page inside somebody else's page. RFC 9700 4.16; CSP 3 frame-ancestors."""

from django.utils.translation import gettext as _

from demo_site.attacks.bench import VICTIM, Bench, run_of


def frame_the_consent_page(bench: Bench) -> None:
    """The consent page is asked for as a frame would; what its headers tell the browser decides."""
    agent = bench.agent()
    agent.step(bench.world.login)
    agent.open(f"{agent.next_url}&prompt=consent")
    if agent.has("codeflow-login"):
        agent.submit("codeflow-login", username=VICTIM, password=VICTIM)
    policy = agent.answer.headers.get("Content-Security-Policy", "")
    forbidden = "frame-ancestors 'none'" in policy or agent.answer.headers.get("X-Frame-Options") == "DENY"
    bench.note(
        _("the page in a frame"),
        agent.answer,
        succeeded=not forbidden,
        run_id=run_of(agent),
        error="frame-ancestors",
        party="browser",
    )
