"""Attacks with tokens: forged ID tokens, access tokens used for more than they are for, refresh tokens used twice.

OIDC Core 3.1.3.7, 15.5.2; RFC 8725 2.1, 3.1; RFC 6750 3.1; RFC 7009 2; RFC 9700 4.14.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from demo_site.attacks.bench import VICTIM, Bench, token_of


def lie(bench: Bench, lies: Mapping[str, str]) -> None:
    """A server that was taken over answers with a false ID token: for each of `lies` (name → what it is) one sign-in."""
    for name, label in lies.items():
        agent = bench.agent(VICTIM)
        agent.step(bench.world.lying_login)
        agent.open(f"{agent.next_url}&lie={name}")
        bench.sign_in(agent, VICTIM)
        if agent.has("unsafe-consent"):
            agent.submit("unsafe-consent", button=("allow", "yes"))
        bench.bring(label, agent, agent.next_url)


def nonce(bench: Bench) -> None:
    lie(bench, {"nonce_wrong": _("another nonce"), "nonce_missing": _("no nonce")})


def signature(bench: Bench) -> None:
    lie(
        bench,
        {
            "letter_changed": _("one letter changed"),
            "alg_none": _("alg: none, no signature"),
            "alg_hs256": _("HS256, the public key as the secret"),
            "kid_unknown": _("signed with a key nobody has published"),
        },
    )


def claims(bench: Bench) -> None:
    lie(
        bench,
        {
            "aud_wrong": _("made for another client"),
            "iss_wrong": _("made by another issuer"),
            "expired": _("expired an hour ago"),
            "from_the_future": _("made one hour from now"),
        },
    )


def use_for_more(bench: Bench) -> None:
    """The client's own access token, for what was never allowed, and after it was taken back."""
    journey = bench.journey()
    journey.agent.step(journey.callback)
    run_id, token = journey.run_id, token_of(journey.run_id, "access_token")
    note = {"title": "Written by a token that may only read", "text": ""}
    answer = bench.call_api(token, run_id=run_id, method="POST", json=note)
    bench.note(_("write a note with a token that may only read"), answer, succeeded=answer.ok, run_id=run_id)
    answer = bench.call_api(token, run_id=run_id, api=bench.world.other_api)
    bench.note(_("use it at another API"), answer, succeeded=answer.ok, run_id=run_id)
    bench.post(bench.world.revoke, {"token": token, **bench.world.credentials()}, run_id=run_id)
    answer = bench.call_api(token, run_id=run_id)
    bench.note(_("read with it after it was revoked"), answer, succeeded=answer.ok, run_id=run_id)


def refresh_again(bench: Bench) -> None:
    """A refresh token whose successor has been used is used once more; then the newest tokens are tried."""
    journey = bench.journey()
    journey.agent.step(journey.callback)
    run_id, stolen = journey.run_id, token_of(journey.run_id, "refresh_token")
    second = bench.refresh(stolen, run_id=run_id).json()
    third = bench.refresh(second.get("refresh_token", ""), run_id=run_id).json()
    answer = bench.refresh(stolen, run_id=run_id)
    bench.note(_("the old refresh token again"), answer, succeeded=answer.ok, run_id=run_id)
    answer = bench.call_api(third.get("access_token", ""), run_id=run_id)
    bench.note(_("the newest access token, at the API"), answer, succeeded=answer.ok, run_id=run_id)
