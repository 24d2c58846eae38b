"""Attacks with tokens: forged ID tokens, access tokens used for more than they are for, refresh tokens used twice.

OIDC Core 3.1.3.7, 15.5.2; RFC 8725 2.1, 3.1; RFC 6750 3.1; RFC 7009 2; RFC 9700 4.14.
"""

from collections.abc import Mapping

from demo_site.attacks.bench import Bench, token_of


def lie(bench: Bench, lies: Mapping[str, str]) -> None:
    """A server that was taken over answers with a false ID token: for each of `lies` (name → what it is) one sign-in."""
    for name, label in lies.items():
        agent = bench.agent()
        agent.step(bench.world.lying_login)
        agent.open(f"{agent.next_url}&lie={name}")
        if agent.has("codeflow-login"):
            agent.submit("codeflow-login", username="alice", password="alice")
        if agent.has("unsafe-consent"):
            agent.submit("unsafe-consent", button=("allow", "yes"))
        bench.bring(label, agent, agent.next_url)


def nonce(bench: Bench) -> None:
    lie(bench, {"nonce_wrong": "another nonce", "nonce_missing": "no nonce"})


def signature(bench: Bench) -> None:
    lie(
        bench,
        {
            "letter_changed": "one letter changed",
            "alg_none": "alg: none, no signature",
            "alg_hs256": "HS256, the public key as the secret",
            "kid_unknown": "signed with a key nobody has published",
        },
    )


def claims(bench: Bench) -> None:
    lie(
        bench,
        {
            "aud_wrong": "made for another client",
            "iss_wrong": "made by another issuer",
            "expired": "expired an hour ago",
            "from_the_future": "made one hour from now",
        },
    )


def use_for_more(bench: Bench) -> None:
    """The client's own access token, for what was never allowed, and after it was taken back."""
    journey = bench.journey()
    journey.agent.step(journey.callback)
    run_id, token = journey.run_id, token_of(journey.run_id, "access_token")
    note = {"title": "Written by a token that may only read", "text": ""}
    answer = bench.call_api(token, run_id=run_id, method="POST", json=note)
    bench.note("write a note with a token that may only read", answer, succeeded=answer.ok, run_id=run_id)
    bench.post(bench.world.revoke, {"token": token, **bench.world.credentials()}, run_id=run_id)
    answer = bench.call_api(token, run_id=run_id)
    bench.note("read with it after it was revoked", answer, succeeded=answer.ok, run_id=run_id)


def refresh_again(bench: Bench) -> None:
    """A refresh token whose successor has been used is used once more; then the newest tokens are tried."""
    journey = bench.journey()
    journey.agent.step(journey.callback)
    run_id, stolen = journey.run_id, token_of(journey.run_id, "refresh_token")
    second = bench.refresh(stolen, run_id=run_id).json()
    third = bench.refresh(second.get("refresh_token", ""), run_id=run_id).json()
    answer = bench.refresh(stolen, run_id=run_id)
    bench.note("the old refresh token again", answer, succeeded=answer.ok, run_id=run_id)
    answer = bench.call_api(third.get("access_token", ""), run_id=run_id)
    bench.note("the newest access token, at the API", answer, succeeded=answer.ok, run_id=run_id)
