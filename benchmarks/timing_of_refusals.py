"""Does the time of a refusal tell an unknown client from a wrong secret or a disabled client?

python -m benchmarks.timing_of_refusals            2,000 requests of each kind, interleaved
python -m benchmarks.timing_of_refusals 20000

In this process, on SQLite in memory, through all of Django; the thread's own time, which nothing else on the machine blurs. Prints the medians and, for each pair, the z of the Mann-Whitney test: beyond ±2.6 the
two differ with 99 % confidence. What an attacker far away can measure is coarser by the noise of the network.
"""

import base64
import gc
import math
import os
import statistics
import sys
import time
from itertools import combinations
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.providers.codeflow")
django.setup()

from django.conf import settings  # noqa: E402  # Django first
from django.core.management import call_command  # noqa: E402
from django.test import Client as Browser  # noqa: E402

BODY, FORM = "grant_type=refresh_token&refresh_token=x", "application/x-www-form-urlencoded"


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    kinds = clients()
    order = Random(7).sample([name for name in kinds for _ in range(number)], number * len(kinds))  # noqa: S311  # a mix
    browser, times = Browser(), {name: [] for name in kinds}  # type: ignore[var-annotated]
    for name in kinds:
        refuse(browser, kinds[name])
    gc.disable()
    for name in order:
        times[name].append(refuse(browser, kinds[name]))
    for name, found in times.items():
        print(f"{name:16} median {statistics.median(found) * 1e6:8.1f} µs")
    for one, other in combinations(times, 2):
        print(f"{one} / {other}: z = {z_of(times[one], times[other]):+.2f}")


def clients() -> dict[str, str]:
    """The Authorization header of each kind of refusal."""
    import logging

    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    from codeflow.provider.clients import register_client

    off = dict.fromkeys(("client_at_address", "address", "client"))
    settings.CODEFLOW_PROVIDER = {"RATE_LIMITS": off}
    known, _ = register_client(name="A", client_id="client-a", redirect_uris=["https://a.example/cb"])
    disabled, secret = register_client(name="B", client_id="client-b", redirect_uris=["https://b.example/cb"])
    type(disabled).objects.filter(pk=disabled.pk).update(is_active=False)
    wrong = "cfs_" + "w" * 43
    pairs = {
        "unknown client": ("client-c", wrong),
        "wrong secret": (known.client_id, wrong),
        "disabled client": (disabled.client_id, secret),
    }
    return {name: "Basic " + base64.b64encode(":".join(pair).encode()).decode() for name, pair in pairs.items()}


def refuse(browser: Browser, authorization: str) -> float:
    begun = time.thread_time()
    answer = browser.post("/o/token/", BODY, FORM, headers={"Authorization": authorization}, secure=True)
    taken = time.thread_time() - begun
    assert answer.status_code == 401, answer.content
    return taken


def z_of(one: list[float], other: list[float]) -> float:
    """Of the Mann-Whitney U test, by its normal approximation; ties among float times are not worth a correction."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(place for place, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    return (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)


if __name__ == "__main__":
    main()
